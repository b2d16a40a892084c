"use client";
import { createContext, useContext } from "react";
import type { Person } from "@/client/contract";

export const PersonContext = createContext<Person | null>(null);

/** The signed-in person; only pages inside the frame may call it. */
export function usePerson(): Person {
  const person = useContext(PersonContext);
  if (!person) throw new Error("usePerson is called outside the signed-in frame");
  return person;
}
