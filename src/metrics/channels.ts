/**
 * Channels of `node:diagnostics_channel` on which jobs publish what happens to them, in the main
 * thread and for all shards of the process. A message is made only if somebody has subscribed.
 */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Measured } from './metric.ts'

/** Times of the phases of a checkpoint, ms; together they are its duration. */
export interface CheckpointPhases {
  /** The barrier passes the pipeline, and sinks flush what came before it. */
  readonly barrier: number
  /** The snapshot is stored. */
  readonly store: number
  /** The checkpoint is decided and rolled forward. */
  readonly commit: number
}

interface OfShard {
  /** Name of the job. */
  readonly job: string
  /** Number of the shard; 0 if the job is not spread. */
  readonly shard: number
}

/** Message of `rxweft:job`: a job has been started in this process. */
export type JobMessage = Measured

/** Message of `rxweft:takeover`: an attempt has taken a shard over and restored its state. */
export interface TakeoverMessage extends OfShard {
  /** Random id of the attempt. */
  readonly attempt: string
  /** Checkpoint that it resumes; 0: none. */
  readonly checkpoint: number
  /** Time since the start of the attempt, ms. */
  readonly duration: number
}

/** Message of `rxweft:checkpoint`: a checkpoint is committed, or has failed. */
export interface CheckpointMessage extends OfShard {
  /** Random id of the attempt. */
  readonly attempt: string
  /** Number of the checkpoint. */
  readonly checkpoint: number
  /** Outcome; after 'failed' the attempt ends. */
  readonly outcome: 'committed' | 'failed'
  /** Whether it was the last one, before the end of the job. */
  readonly final: boolean
  /** Time since it was triggered, ms. */
  readonly duration: number
  /** Times of its phases; undefined if it has failed. */
  readonly phases: CheckpointPhases | undefined
  /** Size of the snapshot, bytes; 0 if none was stored. */
  readonly bytes: number
  /** Code of the error; undefined if it is committed. */
  readonly code: string | undefined
}

/** Message of `rxweft:restart`: an attempt has failed, and another one follows. */
export interface RestartMessage extends OfShard {
  /** Code of the error. */
  readonly code: string
  /** Time until the next attempt, ms. */
  readonly delay: number
}

/** Message of `rxweft:end`: a job has ended in this process. */
export interface EndMessage {
  /** Name of the job. */
  readonly job: string
  /** Way in which it has ended. */
  readonly outcome: 'finished' | 'stopped' | 'cancelled' | 'left' | 'failed'
  /** Code of the error; undefined if it has not failed. */
  readonly code: string | undefined
}

/** Messages by the name of their channel. */
export interface ChannelMessages {
  /** A job has been started in this process. */
  readonly 'rxweft:job': JobMessage
  /** An attempt has taken a shard over. */
  readonly 'rxweft:takeover': TakeoverMessage
  /** A checkpoint is committed, or has failed. */
  readonly 'rxweft:checkpoint': CheckpointMessage
  /** An attempt has failed. */
  readonly 'rxweft:restart': RestartMessage
  /** A job has ended. */
  readonly 'rxweft:end': EndMessage
}

/** Publishes a message, which is made only if somebody has subscribed. */
export function publish<N extends keyof ChannelMessages>(name: N, make: () => ChannelMessages[N]): void {
  const found = channel(name)
  if (found.hasSubscribers) found.publish(make())
}

/** Calls back for each message of one job. @returns ends it */
export function hear<N extends keyof ChannelMessages>(
  name: N,
  job: string,
  listener: (message: ChannelMessages[N]) => void,
): () => void {
  const heard = (message: unknown): void => {
    const known = message as ChannelMessages[N]
    if (known.job === job) listener(known)
  }
  subscribe(name, heard)
  return () => void unsubscribe(name, heard)
}
