/** Sources, and `from` as a job's function has it. */
import { type JobBuilder, type MemorySource, memorySource } from 'rxweft'

export interface Click {
  readonly user: string
  readonly page: string
  readonly at: number
}

export const clicks: MemorySource<Click> = memorySource<Click>()
export declare const from: JobBuilder['from']
