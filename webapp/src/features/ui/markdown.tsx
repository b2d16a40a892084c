"use client";
/** Agents' Markdown. Links stay inside: `#fact-x` becomes a fact button, own paths stay links, others are text. */
import type { ReactNode } from "react";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

export function Markdown({ text, onFact }: { text: string; onFact?: (id: string) => void }): ReactNode {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      disallowedElements={["img"]}
      components={{
        a: ({ href = "", children }) => {
          if (href.startsWith("#fact-") && onFact) {
            return (
              <button
                type="button"
                onClick={() => onFact(href.slice(6))}
                className="rounded-cell text-accent underline decoration-dotted underline-offset-2"
              >
                {children}
              </button>
            );
          }
          if (/^\/(?![/\\])/.test(href)) {
            return (
              <a href={href} className="text-accent underline">
                {children}
              </a>
            );
          }
          return <span title={href}>{children}</span>;
        },
      }}
    >
      {text}
    </ReactMarkdown>
  );
}
