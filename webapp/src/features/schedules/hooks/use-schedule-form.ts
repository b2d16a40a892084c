"use client";
import { useState } from "react";
import type { SchedulePreview, ScheduleRequest } from "@/client/contract";
import { usePreviewSchedule, useStartSchedule } from "@/client/queries-schedules";
import { EMPTY_FIELDS, readSchedule, type ScheduleFields } from "../lib/form";

interface Seen {
  form: ScheduleRequest & { id: string };
  preview: SchedulePreview;
}

/** Fields -> preview -> start. Any change of a field drops the preview, so what is started was seen. */
export function useScheduleForm(account: string, instrument: string, onStarted: (id: string) => void) {
  const [fields, setFields] = useState<ScheduleFields>({ ...EMPTY_FIELDS, account, instrument });
  const [seen, setSeen] = useState<Seen | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const preview = usePreviewSchedule();
  const start = useStartSchedule();

  const change = (part: Partial<ScheduleFields>) => {
    setFields((old) => ({ ...old, ...part }));
    setSeen(null);
    setWrong(null);
    preview.reset();
    start.reset();
  };
  const runPreview = () => {
    const form = readSchedule(fields);
    if (typeof form === "string") {
      setWrong(form);
      return;
    }
    setWrong(null);
    start.reset();
    preview.mutate(form, {
      // One id per preview: pressing Start twice is one schedule.
      onSuccess: (found) =>
        setSeen({
          form: { ...form, id: crypto.randomUUID().replaceAll("-", "").slice(0, 12) },
          preview: found,
        }),
    });
  };
  const runStart = () => {
    if (!seen) return;
    start.mutate(seen.form, {
      onSuccess: (done) => {
        setSeen(null);
        onStarted(done.schedule.id);
      },
    });
  };
  return { fields, change, seen, wrong, preview, start, runPreview, runStart, drop: () => setSeen(null) };
}
