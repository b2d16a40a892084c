/** Shapes of the rooms around trading: filings, fraud, audit, evals, system. Same source as contract.ts. */
import type { components } from "./openapi";

type Schema = components["schemas"];

export type FilingHead = Schema["FilingView"];
export type Filing = Schema["FilingDetail"];
export type FilingSection = Schema["SectionView"];
export type FilingBlock = Schema["BlockView"];
export type FilingBlocks = Schema["Blocks"];

export type Alert = Schema["AlertView"];
export type AlertDetail = Schema["AlertDetail"];
export type AlertNode = Schema["NodeView"];
export type AlertEdge = Schema["EdgeView"];
export type AlertAct = Partial<Schema["ActionBody"]> & Pick<Schema["ActionBody"], "action">;
export type CaseStory = Schema["NarrativeView"];
export type CaseFact = Schema["CaseFactView"];
export type Network = Schema["NetworkView"];
export type Thresholds = Schema["ThresholdsView"];
export type ThresholdVersion = Schema["VersionView"];
export type Triage = Schema["TriageView"];
export type Opinion = Schema["Opinion"];
export type Looks = Schema["LooksView"];
export type Officer = Schema["Officer"];
export type Streaming = Schema["Streaming"];
export type StreamingAlert = Schema["StreamingView"];

export type AuditRecord = Schema["RecordView"];
export type AuditPage = Schema["Records"];
export type Proof = Schema["Proof"];
export type Verification = Schema["VerdictView"];

export type Suite = Schema["SuiteView"];
export type EvalRun = Schema["RunView"];
export type EvalResult = Schema["SuiteResult"];
export type EvalList = Schema["EvalsView"];

export type SystemState = Schema["System"];
export type Broker = Schema["BrokerView"];
export type Halt = Schema["HaltView"];

export type FoundPlace = Schema["FoundPlace"];
export type FilingPlace = Schema["Place"];
export type FilingSearch = Schema["SearchResult"];
export type Vectors = Schema["VectorState"];
export type Comparison = Schema["ComparisonView"];
export type ComparedRow = Schema["RowView"];
export type ComparedSide = Schema["SideView"];
export type SectionChanges = Schema["ChangesView"];
export type SectionChange = Schema["ChangeView"];
export type Summaries = Schema["Summaries"];
export type FilingCell = Schema["CellView"];
export type FindHits = Schema["Hits"];

export type WeighRequest = Partial<Schema["WeighForm"]>;
export type Objective = Schema["WeighForm"]["objective"];
export type Weighed = Schema["WeighView"];
export type Frontier = Schema["FrontierView"];
export type Learned = Schema["PoliciesView"];

export type Stress = Schema["StressView"];
export type Scenario = Schema["ScenarioView"];
export type Factors = Schema["FactorsView"];
export type Liquidity = Schema["LiquidityView"];
export type Lots = Schema["LotsView"];
