/** A case's amount as a person reads it; a market case without prices counts units and has no currency. */
import type { Alert } from "@/client/contract-desk";
import { formatMoney, formatNumber } from "@/features/ui/format";

export const worth = ({ amount, currency }: Pick<Alert, "amount" | "currency">): string =>
  currency ? formatMoney(amount, currency) : `${formatNumber(amount, 0)} units`;
