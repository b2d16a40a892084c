import type { Metadata } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound(): ReactNode {
  return (
    <div className="mx-auto max-w-md p-8">
      <h1 className="text-h2 font-semibold">There is no page at this address</h1>
      <p className="text-form text-fg2">
        It may have been renamed.{" "}
        <a className="text-accent underline" href="/">
          Go to the desk
        </a>{" "}
        or press Ctrl K and write where you want to go.
      </p>
    </div>
  );
}
