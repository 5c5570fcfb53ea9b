import type { SetAside } from '../../view'
import { clockTime, count } from '../format'
import { Scroller } from './scroller'
import { ReasonLine } from './why'

/** Late records, skipped ones and dead letters. */
export function Aside({ aside, since }: { readonly aside: readonly SetAside[]; readonly since: number }) {
  return (
    <section class="card" aria-labelledby="aside">
      <h2 id="aside">Records set aside</h2>
      <Scroller class="list short" label="Table of records set aside">
        {aside.length === 0 && (
          <p class="quiet empty">No late record, no skipped one and no dead letter since {clockTime(since)}.</p>
        )}
        {aside.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">Operator</th>
                <th scope="col">Late</th>
                <th scope="col">Skipped</th>
                <th scope="col">Dead letters</th>
              </tr>
            </thead>
            <tbody>
              {aside.map(({ operator, late, skipped, deadLetters, reason }) => (
                <tr key={operator}>
                  <th scope="row">
                    {operator === '' ? 'All, in committed checkpoints' : operator}
                    {reason !== null && (
                      <p class="hint">
                        First skipped one: <ReasonLine reason={reason} />
                      </p>
                    )}
                  </th>
                  <td>{count(late)}</td>
                  <td>{count(skipped)}</td>
                  <td>{count(deadLetters)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {aside.some(({ operator }) => operator !== '') && (
          <p class="hint">By operator, skipped records and dead letters that are read again count again.</p>
        )}
      </Scroller>
    </section>
  )
}
