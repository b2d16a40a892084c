import type { Role } from "@/client/contract";

/** First questions per role; they only fill the box. */
export const EXAMPLES: Record<Role, string[]> = {
  customer: ["How is my portfolio doing?", "Can I retire at 60 with 2,000 a month?"],
  analyst: [
    "What were Apple's net sales in 2023 and 2024, and how did iPhone do?",
    "What is the sentiment on Apple?",
    "Which forecaster is best on AAPL?",
  ],
  trader: ["Buy 50 AAPL", "How risky is our book?", "Rebalance my portfolio to minimum variance"],
  compliance: ["Any suspicious transfers this week?", "When is the Form 4 due for a trade on 2022-12-23?"],
  evaluator: ["Which forecaster is best on AAPL?", "What is Microsoft trading at?"],
  administrator: ["What is Microsoft trading at?", "What were Apple's total net sales in 2023?"],
};
