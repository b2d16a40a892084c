"use client";
/** One query hook per resource of the trading lane; writes invalidate what they change. */
import {
  type QueryClient,
  useInfiniteQuery,
  useIsMutating,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type {
  Amendment,
  Approval,
  Bars,
  Cancelled,
  Instrument,
  Order,
  OrderAnswer,
  OrderCheck,
  OrderPage,
  OrderRequest,
  Positions,
  Range,
  Session,
  Thread,
  ThreadDetail,
} from "./contract";
import { abandonReads, get, patch, post, rememberCsrf, remove, resumeReads } from "./http";
import { ordersOf } from "./orders";

async function loadSession(): Promise<Session> {
  const session = await get<Session>("/session");
  rememberCsrf(session.csrf);
  return session;
}

/** Waits for `ready`: a session read while the door still opens would say that there is none. */
export const useSession = (ready: boolean) =>
  useQuery({
    queryKey: ["session"],
    queryFn: loadSession,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: ready,
  });

/** Forgets what the last person saw. The session's own query stays: the gate is watching it. */
function dropOthers(cache: QueryClient): void {
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (who: { name: string; password?: string }) =>
      who.password === undefined
        ? post<Session>("/session/demo", { name: who.name })
        : post<Session>("/session", who),
    onSuccess: (session) => {
      rememberCsrf(session.csrf);
      dropOthers(cache);
      cache.setQueryData(["session"], session);
    },
  });
}

const SIGN_OUT = ["sign-out"];

/** While somebody leaves, the frame is gone and nothing is read: a read after the end would be refused. */
export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationKey: SIGN_OUT,
    onMutate: abandonReads,
    mutationFn: () => remove<void>("/session").finally(resumeReads),
    onSuccess: async () => {
      await cache.refetchQueries({ queryKey: ["session"] });
      dropOthers(cache);
    },
  });
}

export const useLeaving = () => useIsMutating({ mutationKey: SIGN_OUT }) > 0;

export const useInstruments = () =>
  useQuery({
    queryKey: ["instruments"],
    queryFn: () => get<{ instruments: Instrument[] }>("/market/instruments"),
    select: (data) => data.instruments,
    staleTime: 3_600_000,
  });

export const useBars = (instrument: string | null, range: Range) =>
  useQuery({
    queryKey: ["bars", instrument, range],
    queryFn: () =>
      get<Bars>(`/market/bars?instrument=${encodeURIComponent(instrument ?? "")}&range=${range}`),
    enabled: instrument !== null,
    staleTime: 300_000,
  });

export const useOrders = (enabled = true) =>
  useInfiniteQuery({
    queryKey: ["orders"],
    initialPageParam: "",
    queryFn: ({ pageParam }) => get<OrderPage>(`/orders?before=${encodeURIComponent(pageParam)}`),
    getNextPageParam: (page) => page.older || undefined,
    select: (data) => ordersOf(data.pages),
    refetchInterval: 15_000,
    enabled,
  });

export const usePositions = (enabled = true) =>
  useQuery({
    queryKey: ["positions"],
    queryFn: () => get<Positions>("/positions"),
    refetchInterval: 15_000,
    enabled,
  });

export const useCheckOrder = () =>
  useMutation({ mutationFn: (order: OrderRequest) => post<OrderCheck>("/orders/check", order) });

export function useSendOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (order: OrderRequest & { client_id: string }) => post<OrderAnswer>("/orders", order),
    onSettled: () => {
      for (const key of ["orders", "positions", "approvals"]) {
        void cache.invalidateQueries({ queryKey: [key] });
      }
    },
  });
}

export function useAmendOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: Amendment) => patch<Order>(`/orders/${encodeURIComponent(id)}`, change),
    onSettled: () => {
      for (const key of ["orders", "positions"]) void cache.invalidateQueries({ queryKey: [key] });
    },
  });
}

export function useCancelAllOrders() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => remove<Cancelled>("/orders"),
    onSettled: () => cache.invalidateQueries({ queryKey: ["orders"] }),
  });
}

export function useCancelOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove<Order>(`/orders/${encodeURIComponent(id)}`),
    onSettled: () => cache.invalidateQueries({ queryKey: ["orders"] }),
  });
}

export const useApprovals = (state: "waiting" | "all", enabled = true) =>
  useQuery({
    queryKey: ["approvals", state],
    queryFn: () => get<{ approvals: Approval[] }>(`/approvals?state=${state}`),
    select: (data) => data.approvals,
    refetchInterval: 15_000,
    enabled,
  });

export const useApproval = (id: string | null) =>
  useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: () => get<Approval>(`/approvals/${encodeURIComponent(id ?? "")}`),
    enabled: id !== null,
  });

export function useAnswerApproval(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (answer: { decision: "approve" | "refuse"; reason?: string }) =>
      post<Approval>(`/approvals/${encodeURIComponent(id)}`, answer),
    onSettled: () => {
      for (const key of ["approvals", "orders", "positions", "runs"]) {
        void cache.invalidateQueries({ queryKey: [key] });
      }
    },
  });
}

export interface OrderChange {
  client_id: string;
  quantity?: number;
  limit_price?: number;
}

export function useChangeApproval(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (changes: OrderChange[]) =>
      post<Approval>(`/approvals/${encodeURIComponent(id)}/change`, { changes }),
    onSettled: () => void cache.invalidateQueries({ queryKey: ["approvals"] }),
  });
}

export const useThreads = () =>
  useQuery({
    queryKey: ["threads"],
    queryFn: () => get<{ threads: Thread[] }>("/threads"),
    select: (data) => data.threads,
  });

export const useThread = (id: string | null) =>
  useQuery({
    queryKey: ["threads", id],
    queryFn: () => get<ThreadDetail>(`/threads/${encodeURIComponent(id ?? "")}`),
    enabled: id !== null,
    retry: false,
  });

export function useDeleteThread() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove<void>(`/threads/${encodeURIComponent(id)}`),
    onSettled: () => cache.invalidateQueries({ queryKey: ["threads"] }),
  });
}
