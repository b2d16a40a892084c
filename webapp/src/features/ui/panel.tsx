/** Surfaces and the four states a piece of server data can be in. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentence } from "@/client/http";
import { Scroll } from "@/features/ui/scroll";
import { Button } from "./controls";
import { Icon } from "./icons";

export function Panel({
  title,
  aside,
  children,
  className = "",
  scroll = true,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  scroll?: boolean;
}): ReactNode {
  return (
    <section
      aria-label={title}
      data-panel=""
      tabIndex={-1}
      className={`flex min-h-0 min-w-0 flex-col rounded-card border border-line bg-s1 ${className}`}
    >
      <header className="flex min-h-9 shrink-0 flex-wrap items-center justify-between gap-x-2 border-b border-line px-3 py-1">
        <h2 className="text-compact font-semibold text-fg2">{title}</h2>
        {aside ? <div className="flex items-center gap-2">{aside}</div> : null}
      </header>
      {scroll ? (
        <Scroll label={`${title}, content`} className="relative min-h-0 flex-1 overflow-auto">
          {children}
        </Scroll>
      ) : (
        children
      )}
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }): ReactNode {
  return <p className="p-4 text-desk text-fg2">{children}</p>;
}

export function Trouble({ error, retry }: { error: unknown; retry?: () => void }): ReactNode {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 p-4 text-desk text-fg">
      <span className="font-medium text-down">✕ Failed.</span>
      <span className="text-fg2">{sentence(error)}</span>
      {retry ? (
        <Button onClick={retry}>
          <Icon name="retry" /> Retry
        </Button>
      ) : null}
    </div>
  );
}

export function Skeleton({ label }: { label: string }): ReactNode {
  return (
    <div className="flex flex-col gap-2 p-4" role="status">
      <span className="text-compact text-fg3">Loading {label}…</span>
      <span className="h-3 w-3/4 rounded-cell bg-s3" />
      <span className="h-3 w-1/2 rounded-cell bg-s3" />
    </div>
  );
}

/** Shows loading, error with retry, the empty sentence, or the data. */
export function Loaded<T>({
  query,
  label,
  empty,
  isEmpty,
  children,
}: {
  query: UseQueryResult<T>;
  label: string;
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  children: (data: T) => ReactNode;
}): ReactNode {
  if (query.data === undefined) {
    return query.isError ? (
      <Trouble error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Skeleton label={label} />
    );
  }
  return (
    <>
      {query.isError ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
      {isEmpty?.(query.data) ? <Empty>{empty}</Empty> : children(query.data)}
    </>
  );
}

export function Banner({
  tone,
  children,
  alert = false,
}: {
  tone: "warn" | "info" | "sim" | "halt";
  children: ReactNode;
  alert?: boolean;
}): ReactNode {
  const look = {
    warn: "border-warn text-warn bg-warn/16",
    info: "border-info text-info bg-info/16",
    sim: "border-sim text-sim bg-sim/16",
    halt: "border-halt bg-halt text-onfill",
  }[tone];
  return (
    <div role={alert ? "alert" : undefined} className={`rounded-ctl border px-3 py-2 text-desk ${look}`}>
      {children}
    </div>
  );
}
