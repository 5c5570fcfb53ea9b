/** All queries that are written, and how their outputs are compared. */

import { q0 } from './queries/q0.ts'
import { q1 } from './queries/q1.ts'
import { q2 } from './queries/q2.ts'
import { q3 } from './queries/q3.ts'
import { q4 } from './queries/q4.ts'
import { q5 } from './queries/q5.ts'
import { q7 } from './queries/q7.ts'
import { q8 } from './queries/q8.ts'
import { q9 } from './queries/q9.ts'
import { q10 } from './queries/q10.ts'
import { q11 } from './queries/q11.ts'
import { q12 } from './queries/q12.ts'
import { q14 } from './queries/q14.ts'
import { q15 } from './queries/q15.ts'
import { q16 } from './queries/q16.ts'
import { q17 } from './queries/q17.ts'
import { q18 } from './queries/q18.ts'
import { q19 } from './queries/q19.ts'
import { q20 } from './queries/q20.ts'
import { q21 } from './queries/q21.ts'
import { q22 } from './queries/q22.ts'
import type { Query } from './query.ts'

/**
 * Not here: q6, which Flink SQL does not run (it averages over rows that are still updated), and q13, which
 * joins with a file.
 */
export const queries: Readonly<Record<string, Query>> = {
  q0,
  q1,
  q2,
  q3,
  q4,
  q5,
  q7,
  q8,
  q9,
  q10,
  q11,
  q12,
  q14,
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
  q21,
  q22,
}

/** Columns of the key of a row that later rows of the key replace; queries not here only add rows. */
export const keysOf: Readonly<Record<string, readonly string[]>> = {
  q4: ['id'],
  q9: ['id'],
  q15: ['day'],
  q16: ['channel', 'day'],
  q17: ['auction', 'day'],
  q18: ['bidder', 'auction'],
  q19: ['auction', 'rank_number'],
}
