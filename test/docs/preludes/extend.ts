/** The extensions that extending.md builds in its first three blocks, and what reads the output of its sink. */
import type { Json, Source, StreamOperator, TransactionalSink } from 'rxweft/extend'

export declare function totalAtBarriers(id: string): StreamOperator<number, number>
export declare function tailFile(path: string, pollInterval?: number): Source<string>
export declare function jsonLines(folder: string): TransactionalSink<Json>
export declare function linesOf(folder: string): Promise<readonly unknown[]>
export const input: string = 'numbers.txt'
export const output: string = 'output'
