"use client";
import type { ReactNode } from "react";
import type { Fact } from "@/client/contract";
import type { CaseFact } from "@/client/contract-desk";
import { useCaseStory } from "@/client/queries-fraud";
import { FactText } from "@/features/chat/components/fact-text";
import { AgentText } from "@/features/ui/agent-text";
import { Loaded } from "@/features/ui/panel";

const asFact = (fact: CaseFact): Fact => ({
  ...fact,
  value: fact.text,
  unit: "",
  inputs: [],
  currency: null,
  source: "the case's evidence",
});

/** The case told in words; a figure opens its fact and marks the transfers or rows it was computed from. */
export function CaseNarrative({
  id,
  onEdges,
}: {
  id: string;
  onEdges: (edges: readonly string[]) => void;
}): ReactNode {
  const query = useCaseStory(id);
  return (
    <AgentText title="What the fraud agent says">
      <Loaded query={query} label="the narrative">
        {(story) => (
          <>
            <div className="prose-answer">
              <FactText
                text={story.text}
                facts={story.facts.map(asFact)}
                onFact={(fact) => onEdges(story.facts.find((each) => each.id === fact)?.edges ?? [])}
              />
            </div>
            <p className="mt-2 text-head text-fg3">
              {story.model ? `Written by ${story.model}` : "Template text, no model"}
              {story.fallback ? `; fell back: ${story.fallback}` : ""}. A figure opens its fact and marks its
              rows.
            </p>
          </>
        )}
      </Loaded>
    </AgentText>
  );
}
