"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Answer } from "@/client/contract";
import { sentence } from "@/client/http";
import { useAddCase } from "@/client/queries-evals";
import { usePerson } from "@/features/shell/components/person";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { proposeId, proposeTarget, readTarget } from "../lib/target";

/** Turns a question and its answer into a case; only people who may run suites see it. */
export function CaseMaker({ question, answer }: { question: string; answer: Answer }): ReactNode {
  const person = usePerson();
  const [open, setOpen] = useState(false);
  if (person.role !== "evaluator" && person.role !== "administrator") return null;
  return (
    <div>
      <Button onClick={() => setOpen(true)}>Make it a case</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Make it a case"
        description="Asked again by itself, by the demonstration’s person of your role: what was said before it does not go with it."
      >
        <CaseForm
          question={question}
          answer={answer}
          user={person.role === "evaluator" ? "evaluator" : "admin"}
        />
      </Dialog>
    </div>
  );
}

function CaseForm(props: { question: string; answer: Answer; user: string }): ReactNode {
  const add = useAddCase();
  const [set, setSet] = useState("mine");
  const [id, setId] = useState(() => proposeId(props.question, props.answer.run));
  const [text, setText] = useState(() => JSON.stringify(proposeTarget(props.answer), null, 1));
  const read = readTarget(text);
  const fault = "fault" in read ? read.fault : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if ("target" in read)
      add.mutate({
        set,
        id,
        input: props.question,
        user: props.user,
        target: read.target as Record<string, never>,
      });
  };
  return (
    <form className="flex flex-col gap-3" onSubmit={send}>
      <p className="rounded-ctl bg-s3 p-2 text-compact break-words">{props.question}</p>
      <Field label="Set" hint="Lower-case letters, digits and -; a new name makes a new set.">
        <input
          className={INPUT}
          value={set}
          maxLength={40}
          onChange={(event) => setSet(event.target.value)}
        />
      </Field>
      <Field label="Case">
        <input className={INPUT} value={id} maxLength={100} onChange={(event) => setId(event.target.value)} />
      </Field>
      <Field label="Target" hint="What a right answer must have; take out what may change.">
        <textarea
          className={`${INPUT} h-40 max-sm:h-40 py-1.5 font-mono`}
          value={text}
          aria-invalid={fault !== null}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <p role="status" className="text-compact">
        {fault ? <span className="text-warn">{fault}</span> : null}
        {add.error ? <span className="text-down">✕ {sentence(add.error)}</span> : null}
        {add.data ? (
          <>
            ✓ Saved; set {add.data.set} has {add.data.cases} {add.data.cases === 1 ? "case" : "cases"}. Run it
            on the Evals page.
          </>
        ) : null}
      </p>
      <div className="flex justify-end">
        <Button type="submit" look="primary" disabled={fault !== null || add.isPending}>
          {add.isPending ? "Saving…" : "Save the case"}
        </Button>
      </div>
    </form>
  );
}
