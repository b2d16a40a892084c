// Cases of evals/cases as promptfoo's tests: the same lines, read where they are.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const suite = process.env.TENOR_SUITE || "smoke";
const file = process.env.TENOR_CASES || join(__dirname, "..", "cases", `${suite}.jsonl`);
const user = process.env.TENOR_USER || "analyst";

module.exports = () =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line))
    .filter((each) => suite !== "smoke" || (each.user || "analyst") === user)
    .map((each) => ({
      description: each.id,
      vars: { suite, question: each.input, target: JSON.stringify(each.target) }, // a list would be taken apart
    }));
