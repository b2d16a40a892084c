/** Which sections each role may use. The server decides; this only spares people doors that stay shut. */
import type { Role } from "@/client/contract";
import type { IconName } from "@/features/ui/icons";

export interface Section {
  path: string;
  name: string;
  icon: IconName;
  key: string;
  roles: readonly Role[];
}

const ALL = ["customer", "analyst", "trader", "compliance", "evaluator", "administrator"] as const;

export const SECTIONS: readonly Section[] = [
  { path: "/", name: "Desk", icon: "desk", key: "d", roles: ALL },
  { path: "/chat/", name: "Chat", icon: "chat", key: "c", roles: ALL },
  {
    path: "/approvals/",
    name: "Approvals",
    icon: "approvals",
    key: "a",
    roles: ["customer", "trader", "compliance"],
  },
  {
    path: "/schedules/",
    name: "Schedules",
    icon: "schedules",
    key: "w",
    roles: ["customer", "trader", "compliance"],
  },
  {
    path: "/portfolio/",
    name: "Portfolio",
    icon: "portfolio",
    key: "p",
    roles: ["customer", "analyst", "trader"],
  },
  { path: "/research/", name: "Research", icon: "research", key: "t", roles: ALL },
  { path: "/bots/", name: "Bots", icon: "bots", key: "b", roles: ["trader", "compliance"] },
  {
    path: "/filings/",
    name: "Filings",
    icon: "filings",
    key: "r",
    roles: ALL,
  },
  { path: "/fraud/", name: "Fraud", icon: "fraud", key: "f", roles: ["compliance"] },
  { path: "/audit/", name: "Audit", icon: "audit", key: "h", roles: ["compliance", "administrator"] },
  {
    path: "/evals/",
    name: "Evals",
    icon: "evals",
    key: "e",
    roles: ["analyst", "evaluator", "administrator"],
  },
  { path: "/system/", name: "System", icon: "system", key: "s", roles: ALL },
];

export function sectionsOf(role: Role): Section[] {
  return SECTIONS.filter((section) => section.roles.includes(role));
}

export const mayTrade = (role: Role) => role === "trader" || role === "customer";
export const mayHalt = (role: Role) => ["trader", "compliance", "administrator"].includes(role);
