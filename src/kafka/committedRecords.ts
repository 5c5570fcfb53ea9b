/** What a read_committed reader sees of one fetched partition: no aborted records, no control records, nothing before its position. */
import { abortedFilter } from './batch/abortedFilter.ts'
import { type RecordCursor, readBatches } from './batch/readBatches.ts'
import type { FetchedPartition } from './protocol/fetch.ts'
