/**
 * rxweft/testing: unit tests of pipelines as pictures, tests of whole jobs by hand, contract tests
 * of extensions, and crash tests, without a broker and without waiting.
 */
export { behavesAsAnOperator, type OperatorContractOptions } from './contracts/behavesAsAnOperator.ts'
export { behavesAsASink, type SinkContractOptions } from './contracts/behavesAsASink.ts'
export { behavesAsASource, type SourceContractOptions } from './contracts/behavesAsASource.ts'
export { type BrokenRule, ContractError } from './contracts/rules.ts'
export type { TestedSink } from './contracts/sinkRun.ts'
export type { CrashInput, CrashInputs, CrashPartitions } from './crash/crashInput.ts'
export type { CrashInvariant, CrashOutput } from './crash/crashJudge.ts'
export type { CrashEnds } from './crash/crashRun.ts'
export { type CrashReport, type CrashTestOptions, crashTest } from './crash/crashTest.ts'
export { type CrashFinding, CrashTestError } from './crash/crashTestError.ts'
export type { PushOptions, TestSink, TestSource } from './job/ends.ts'
export type { JobCheckpoint } from './job/testCheckpoints.ts'
export type { TestState, TestTimer, TestTimers } from './job/testState.ts'
export { cold, type MarbleEvent, type MarbleOptions, type Marbles, parse } from './marbles.ts'
export { type Drawable, render } from './render.ts'
export { type MarblePipeline, type Run, type RunOptions, run, runInTime } from './run.ts'
export { type JobTest, type TestJobOptions, testJob } from './testJob.ts'
export { type TestServices, type TestServicesOptions, testServices } from './testServices.ts'
export type { TestSnapshot } from './testStates.ts'
export { settle, type VirtualClock, virtualClock } from './virtualClock.ts'
