/** rxweft: exactly-once stream processing, composed with pipe(). */

export type { BadRecord, CheckpointMode, Clock, OnError, Probe, ProtocolStep } from './attempt.ts'
export type { HeldBarrier } from './backPressure.ts'
export { type CachedOptions, cached } from './checkpoint/cached.ts'
export { fileStorage } from './checkpoint/fileStorage.ts'
export { memoryStorage } from './checkpoint/memoryStorage.ts'
export { removeSavepoint, type Savepoint, savepoints } from './checkpoint/savepoints/savepoints.ts'
export type { CheckpointSettings } from './checkpoint/settings.ts'
export type { Members, ShardDoing } from './contracts/members.ts'
export type { RepartitionTopic } from './contracts/repartition.ts'
export type { Source } from './contracts/source.ts'
export type { StartPosition } from './contracts/startPosition.ts'
export type { CheckpointStorage } from './contracts/storage.ts'
export type { Barrier, Idle, Restore, StreamElement, Watermark } from './element.ts'
export { type Consequence, type ErrorCode, RxweftError } from './errors.ts'
export { type DeadLetter, type DeadLetterPolicy, deadLetter } from './job/badRecords/deadLetter.ts'
export { deadLetterJson } from './job/badRecords/deadLetterJson.ts'
export type { Reset } from './job/change/reset.ts'
export {
  type AllowDropped,
  defineJob,
  type FromOptions,
  type Job,
  type JobBuilder,
  type JobOptions,
  type Pipeline,
} from './job/defineJob.ts'
export type { JobEvent } from './job/events.ts'
export {
  type ExecuteOptions,
  execute,
  type JobHandle,
  type JobHealth,
  type JobResult,
  type StopOptions,
} from './job/execute.ts'
export type { Logger } from './job/logging/logger.ts'
export type { JobMember, JobMembers, JobShard } from './job/members/jobMembers.ts'
export type { JobState } from './job/reading/jobState.ts'
export { type ReadSavepointOptions, readSavepoint } from './job/reading/readSavepoint.ts'
export type { CommittedState, StateEntry } from './job/reading/shardViews.ts'
export {
  type ExponentialDelay,
  exponentialDelay,
  failureRate,
  fixedDelay,
  noRestart,
  type RestartPolicy,
  type RestartStrategy,
} from './job/restart.ts'
export { type SavepointOptions, type SavepointStart, savepoint } from './job/savepoints/savepointStart.ts'
export type { MemorySourceOptions } from './memory/memoryReader.ts'
export { type MemorySource, memorySource } from './memory/memorySource.ts'
export type {
  ChannelMessages,
  CheckpointMessage,
  CheckpointPhases,
  EndMessage,
  JobMessage,
  RestartMessage,
  TakeoverMessage,
} from './metrics/channels.ts'
export type { Distribution, Measured, Metric, MetricLabels } from './metrics/metric.ts'
export type { MetricKind, MetricLabel, MetricName, MetricUnit } from './metrics/metricList.ts'
export { CorruptedError, FatalError, FencedError, RetriableError } from './openErrors.ts'
export { type Aggregator, aggregate } from './operators/aggregate.ts'
export { type AsOfJoinOptions, asOfJoin } from './operators/asOfJoin.ts'
export { type AsyncMapOptions, asyncMap } from './operators/asyncMap.ts'
export { coGroup } from './operators/coGroup.ts'
export {
  type Broadcast,
  type BroadcastContext,
  type ConnectSpec,
  connect,
  type NoResults,
} from './operators/connect.ts'
export { countDistinct } from './operators/countDistinct.ts'
export { dedupe } from './operators/dedupe.ts'
export type { OperatorOptions } from './operators/engine/operatorOptions.ts'
export { filter } from './operators/filter.ts'
export { flatMap } from './operators/flatMap.ts'
export { intervalJoin } from './operators/intervalJoin.ts'
export type { Interval } from './operators/joins/interval.ts'
export type { JoinOptions, JoinSide } from './operators/joins/joinOptions.ts'
export type { WindowJoinOptions } from './operators/joins/joinWindows.ts'
export { keyBy } from './operators/keyBy.ts'
export type { KeyedOperator } from './operators/keyed/keyed.ts'
export type { StatefulOptions } from './operators/keyed/keyedStep.ts'
export type {
  ElementContext,
  KeyTimers,
  Outputs,
  ProcessContext,
  ProcessTimers,
  Results,
  SideOutputs,
  TimerFunctions,
} from './operators/keyed/processContext.ts'
export { type KeyedProcessSpec, keyedProcess } from './operators/keyedProcess.ts'
export { latestByKey } from './operators/latestByKey.ts'
export { lift } from './operators/lift.ts'
export { map } from './operators/map.ts'
export { mapWithState } from './operators/mapWithState.ts'
export { merge } from './operators/merge.ts'
export { scan } from './operators/scan.ts'
export { share } from './operators/share.ts'
export { type AnySideOutput, type SideOutput, type SideReceiver, sideOutput } from './operators/sideOutput.ts'
export { type Branches, type SplitStreams, split } from './operators/split.ts'
export { tap } from './operators/tap.ts'
export { to } from './operators/to.ts'
export { topN } from './operators/topN.ts'
export { type Windowed, type WindowedSessions, type WindowStateOptions, window } from './operators/window.ts'
export {
  type InnerWindowJoinOptions,
  type Outer,
  type OuterWindowJoinOptions,
  windowJoin,
} from './operators/windowJoin.ts'
export type { SessionAggregator, WindowAggregator, WindowInfo } from './operators/windows/windowAggregator.ts'
export type { GlobalWindowOptions, WindowOptions } from './operators/windows/windowSettings.ts'
export type { CheckpointId, Header, Json, Key, OperatorId, Split, StreamRecord } from './record.ts'
export { bytes } from './serde/bytes.ts'
export { type Codec, serdeOf } from './serde/codec.ts'
export { type JsonOptions, json } from './serde/json.ts'
export { messagePack } from './serde/messagePack.ts'
export { nullable } from './serde/nullable.ts'
export type { Serde } from './serde/serde.ts'
export { text } from './serde/text.ts'
export { type MemorySink, memorySink } from './sinks/memorySink.ts'
export { byKey, type Partitioner, samePartition } from './sinks/partitioner.ts'
export type { Committable, TransactionalSink } from './sinks/sink.ts'
export { type ListState, listState } from './state/listState.ts'
export { type MapState, mapState, type ReadonlyMapState } from './state/mapState.ts'
export { memoryState, type StateBackend } from './state/memoryState.ts'
export type { StateOptions } from './state/stateOptions.ts'
export type { Handles, StateSpec, StateSpecs } from './state/stateSpec.ts'
export type { StateView } from './state/stateView.ts'
export type { Migrations } from './state/table.ts'
export { type ValueState, valueState } from './state/valueState.ts'
export type { Misused, Output, Pipe, Stream, StreamOperator, Unawaited } from './stream.ts'
export {
  type CountOptions,
  type CountTrigger,
  type EarlyTrigger,
  early,
  onCount,
  onWatermark,
  type Trigger,
  type WatermarkTrigger,
} from './time/triggers.ts'
export {
  type AlignmentOptions,
  boundedOutOfOrderness,
  type MaxAhead,
  monotonousTimestamps,
  noWatermarks,
  type TimestampOf,
  type WatermarkStrategy,
} from './time/watermarks.ts'
export {
  type FixedWindows,
  type GlobalWindows,
  globalWindow,
  type OffsetOption,
  type ProcessingTimeWindows,
  processingTime,
  type SessionWindows,
  session,
  sliding,
  tumbling,
  type Window,
  type WindowAssigner,
} from './time/windows.ts'
