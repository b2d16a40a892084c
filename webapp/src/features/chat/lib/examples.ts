import type { Role } from "@/client/contract";

/** First questions per role; they only fill the box. */
export const EXAMPLES: Record<Role, string[]> = {
  customer: ["What do I hold, and what is it worth?", "Is a bond fund suitable for me over three years?"],
  analyst: ["What was Apple's total revenue in fiscal 2023?", "How do headlines about Apple read this week?"],
  trader: ["Should I buy 10 shares of AAPL?", "What is my value at risk, and which limits are close?"],
  compliance: ["Which fraud alerts are open, and why?", "Which filings are due next?"],
  evaluator: ["Which prompt variant is ahead, and is the difference real?"],
  administrator: ["Which fraud alerts are open, and why?", "What does the desk hold?"],
};
