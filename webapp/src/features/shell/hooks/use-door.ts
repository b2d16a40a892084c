"use client";
import { useEffect, useState } from "react";
import { post, sentence } from "@/client/http";

/** Exchanges `#door=TOKEN` once and takes it out of the address bar before anything else can read it. */
export function useDoor(): { ready: boolean; refused: string | null } {
  const [state, setState] = useState<{ ready: boolean; refused: string | null }>({
    ready: false,
    refused: null,
  });
  useEffect(() => {
    const token = new URLSearchParams(window.location.hash.slice(1)).get("door");
    if (!token) {
      setState({ ready: true, refused: null });
      return;
    }
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    // No abort on unmount: the token is single-use, and the answer is what sets the cookie.
    post<void>("/session/door", { token })
      .then(() => setState({ ready: true, refused: null }))
      .catch((error: unknown) => setState({ ready: true, refused: sentence(error) }));
  }, []);
  return state;
}
