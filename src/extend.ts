/**
 * rxweft/extend: what an operator, a source, a sink, a ledger or a checkpoint storage of one's own is made of. Jobs need none of it.
 * docs/extending.md builds one of each; `rxweft/testing` has the tests that they must pass.
 */
export { sleep } from './clock.ts'
export type { Ledger, LedgerEntry, LedgerSession, SnapshotRef } from './contracts/ledger.ts'
export type { ThroughTopic } from './contracts/repartition.ts'
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
  type AttemptContext,
  type BadRecord,
  type BadRecords,
  type Barrier,
  type BarrierWatch,
  type CheckpointId,
  type CheckpointMode,
  type Clock,
  type Credits,
  type Header,
  type HeldBarrier,
  type Idle,
  idle,
  type Json,
  type Key,
  type OnError,
  type OperatorId,
  type OperatorState,
  type Probe,
  type ProtocolStep,
  type Resource,
  type Restore,
  type Services,
  type SourcePosition,
  type Split,
  type SplitOffset,
  type Stage,
  type StreamElement,
  type StreamRecord,
  streamRecord,
  type Watermark,
  watermark,
  withKey,
  withState,
  withValue,
} from './element.ts'
export {
  type Consequence,
  CorruptedError,
  type ErrorDetail,
  FatalError,
  FencedError,
  RetriableError,
  RxweftError,
  type Where,
} from './errors.ts'
export type { Notice } from './notice.ts'
export { type ElementOperator, operate, type Step } from './operators/engine/operate.ts'
export type { Committable, Guarantee, LateRefusals, SinkWriter, TransactionalSink } from './sinks/sink.ts'
