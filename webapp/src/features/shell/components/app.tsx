"use client";
/** Providers, the session gate, and the frame around every page. */
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Person } from "@/client/contract";
import { ApiProblem } from "@/client/http";
import { useLeaving, useSession } from "@/client/queries";
import { useLiveSocket } from "@/client/socket";
import { Skeleton, Trouble } from "@/features/ui/panel";
import { useDoor } from "../hooks/use-door";
import { useGlobalKeys } from "../hooks/use-global-keys";
import { sectionsOf } from "../lib/sections";
import { HaltBar } from "./halt";
import { Overlays } from "./overlays";
import { PersonContext } from "./person";
import { SignIn } from "./sign-in";
import { StatusStrip } from "./status-strip";
import { BottomTabs, TopBar } from "./top-bar";
import { Tour } from "./tour";

/** A read that is refused because the session has ended brings the sign-in back. */
function makeClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (error instanceof ApiProblem && error.status === 401 && query.queryKey[0] !== "session") {
          void client.invalidateQueries({ queryKey: ["session"] });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5000,
        retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400),
      },
    },
  });
  return client;
}

export function App({ children }: { children: ReactNode }): ReactNode {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      <Gate>{children}</Gate>
    </QueryClientProvider>
  );
}

function Gate({ children }: { children: ReactNode }): ReactNode {
  const door = useDoor();
  const session = useSession(door.ready);
  const leaving = useLeaving();
  if (!door.ready || leaving || session.isPending) {
    return (
      <main className="mx-auto max-w-md p-8">
        <h1 className="text-h2 font-semibold">Tenor</h1>
        <Skeleton label="your session" />
      </main>
    );
  }
  if (!session.data) {
    return (
      <main className="mx-auto max-w-md p-8">
        <h1 className="text-h2 font-semibold">Tenor</h1>
        <Trouble error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  const { user } = session.data;
  return user ? (
    <Frame user={user} label={session.data.label}>
      {children}
    </Frame>
  ) : (
    <SignIn session={session.data} refused={door.refused} />
  );
}

function Frame({
  user,
  label,
  children,
}: {
  user: Person;
  label: string | null;
  children: ReactNode;
}): ReactNode {
  const [sections] = useState(() => sectionsOf(user.role));
  useLiveSocket(true);
  useGlobalKeys(sections);
  return (
    <PersonContext.Provider value={user}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-s2 focus:p-2 focus:text-accent"
      >
        Skip to content
      </a>
      <div className="flex min-h-dvh flex-col lg:h-dvh">
        <StatusStrip label={label} />
        <HaltBar />
        <TopBar user={user} sections={sections} />
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 p-2 pb-16 outline-none sm:pb-2">
          {children}
        </main>
        <BottomTabs sections={sections} />
      </div>
      <Overlays sections={sections} />
      <Tour key={user.role} role={user.role} />
    </PersonContext.Provider>
  );
}
