"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Session } from "@/client/contract";
import { sentence } from "@/client/http";
import { useSignIn } from "@/client/queries";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Banner } from "@/features/ui/panel";

export function SignIn({ session, refused }: { session: Session; refused: string | null }): ReactNode {
  const signIn = useSignIn();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { people } = session.demo;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ name: name.trim(), password });
  };
  return (
    <main className="mx-auto flex max-w-2xl flex-col gap-6 p-4 pt-10 sm:p-10">
      <header>
        <h1 className="text-hero font-semibold">Tenor</h1>
        <p className="text-read text-fg2">A trading desk run by ten agents under one supervisor.</p>
      </header>
      {session.label ? <Banner tone="sim">◇ {session.label}</Banner> : null}
      {refused ? (
        <Banner tone="warn" alert>
          {refused} The printed address works once; start again from the one that <code>tenor up</code> prints
          now, or sign in below.
        </Banner>
      ) : null}
      {people.length > 0 ? (
        <section aria-labelledby="demo" className="flex flex-col gap-2">
          <h2 id="demo" className="text-form font-semibold">
            Enter the demonstration desk as
          </h2>
          <ul className="grid gap-2 sm:grid-cols-2">
            {people.map((person) => (
              <li key={person.name}>
                <button
                  type="button"
                  disabled={signIn.isPending}
                  onClick={() => signIn.mutate({ name: person.name })}
                  className="flex h-full w-full flex-col rounded-card border border-edge bg-s1 p-3 text-left hover:bg-s3"
                >
                  <span className="text-form font-semibold">{person.display_name}</span>
                  <span className="text-compact text-info">{person.role}</span>
                  <span className="text-compact text-fg2">{person.about}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <form onSubmit={submit} className="flex flex-col gap-3 rounded-card border border-line bg-s1 p-4">
        <h2 className="text-form font-semibold">Sign in with a password</h2>
        <Field label="Name">
          <input
            className={INPUT}
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="username"
            required
          />
        </Field>
        <Field label="Password">
          <input
            className={INPUT}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            required
          />
        </Field>
        {signIn.error ? (
          <p role="alert" className="text-desk text-down">
            ✕ {sentence(signIn.error)}
          </p>
        ) : null}
        <Button type="submit" look="primary" disabled={signIn.isPending}>
          {signIn.isPending ? "Signing in…" : "Sign in"}
        </Button>
        {people.length === 0 ? (
          <p className="text-compact text-fg2">
            One-click demo people appear only when you come through the address that <code>tenor up</code>{" "}
            prints.
          </p>
        ) : null}
      </form>
    </main>
  );
}
