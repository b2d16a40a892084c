import type { ReactNode, Ref } from "react";

/** A scrolling region that keys can reach (WCAG 2.1.1). */
export function Scroll({
  label,
  role = "group",
  className,
  ref,
  children,
}: {
  label: string;
  role?: "group" | "log";
  className: string;
  ref?: Ref<HTMLDivElement>;
  children: ReactNode;
}): ReactNode {
  const named = { role, tabIndex: 0, "aria-label": label };
  return (
    <div ref={ref} className={className} {...named}>
      {children}
    </div>
  );
}
