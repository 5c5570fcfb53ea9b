/**
 * rxweft/extend: what an operator, a source, a sink, a ledger or a checkpoint storage of one's own
 * is made of. Jobs need none of it. docs/extending.md builds one of each; `rxweft/testing` has the
 * tests that they must pass.
 */

export type {
  AttemptContext,
  BadRecord,
  BadRecords,
  CheckpointMode,
  Clock,
  OnError,
  Probe,
  ProtocolStep,
  Resource,
  Services,
} from './attempt.ts'
export type { BarrierWatch, Credits, HeldBarrier, Stage } from './backPressure.ts'
export { sleep } from './clock.ts'
export type { Ledger, LedgerEntry, LedgerSession, SnapshotRef } from './contracts/ledger.ts'
export type { ShardTime, WatermarkMarker } from './contracts/marker.ts'
export type { Plan, PlanContext, PlanMember, PlannedEntries, PlanStore } from './contracts/plan.ts'
export type {
  MarkerListener,
  RepartitionReader,
  RepartitionSink,
  RepartitionSource,
  RepartitionTopic,
  RepartitionWriter,
} from './contracts/repartition.ts'
export {
  type Emit,
  type Hold,
  ofShard,
  type Refuse,
  type Room,
  type Source,
  type SourceReader,
} from './contracts/source.ts'
export type { CheckpointStorage } from './contracts/storage.ts'
export {
  type Barrier,
  type Idle,
  idle,
  type OperatorState,
  type Restore,
  type StreamElement,
  type Watermark,
  watermark,
  withState,
} from './element.ts'
export type { Dropped, Meter, Meters } from './meter.ts'
export type { Notice } from './notice.ts'
export {
  type Consequence,
  CorruptedError,
  type ErrorDetail,
  FatalError,
  FencedError,
  RetriableError,
  RxweftError,
  type Where,
} from './openErrors.ts'
export type { Here } from './operators/engine/here.ts'
export { operate, type Step } from './operators/engine/operate.ts'
export { checkOptions, type OptionDetail, type OptionRule, type OptionRules } from './options.ts'
export {
  type CheckpointId,
  type Header,
  type Json,
  type Key,
  type OperatorId,
  type SourcePosition,
  type Split,
  type SplitOffset,
  type StreamRecord,
  streamRecord,
  withKey,
  withValue,
} from './record.ts'
export type { Committable, Guarantee, LateRefusals, SinkWriter, TransactionalSink } from './sinks/sink.ts'
export { asStream, type Output, type Stream, type StreamOperator } from './stream.ts'
