"use client";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import type { Person } from "@/client/contract";
import { useSignOut } from "@/client/queries";
import { Button } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";
import { useShell } from "../hooks/use-shell";
import { setTheme } from "../lib/theme";

const ITEM =
  "flex h-8 max-sm:h-11 items-center rounded-ctl px-2 text-desk outline-none data-[highlighted]:bg-s3 cursor-pointer";

export function PersonMenu({ user }: { user: Person }): ReactNode {
  const show = useShell((state) => state.show);
  const signOut = useSignOut();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button look="quiet" aria-label={`${user.display_name}, ${user.role}: menu`}>
          <Icon name="user" />
          <span className="max-md:hidden">{user.display_name}</span>
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          className="z-30 min-w-52 rounded-card border border-line bg-s2 p-1 shadow-xl"
        >
          <DropdownMenu.Label className="px-2 py-1 text-compact text-fg2">
            {user.name} · {user.role}
            {user.demo ? " · demo" : ""}
          </DropdownMenu.Label>
          <DropdownMenu.Item className={ITEM} onSelect={() => show("tour")}>
            Guided tour
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => show("keys")}>
            Keys
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme("light")}>
            Light theme
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme("dark")}>
            Dark theme
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme(null)}>
            Theme of the system
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => signOut.mutate()}>
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
