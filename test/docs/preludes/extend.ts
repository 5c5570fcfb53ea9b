/** The extensions that extending.md builds in its first three blocks, and what reads the output of its sink. */
import type { ElementOperator, Json, Source, TransactionalSink } from 'rxweft/extend'

export declare function totalAtBarriers(id: string): ElementOperator<number, number>
export declare function tailFile(path: string, pollInterval?: number): Source<string>
export declare function jsonLines(folder: string): TransactionalSink<Json>
export declare function linesOf(folder: string): Promise<readonly unknown[]>
export const input: string = 'numbers.txt'
export const output: string = 'output'
