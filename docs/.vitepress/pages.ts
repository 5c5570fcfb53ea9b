/** The pages of the site, in the order of the sidebar and of llms.txt. */
export interface Part {
  readonly title: string
  readonly pages: readonly (readonly [file: string, title: string])[]
}

export const parts: readonly Part[] = [
  {
    title: 'Start',
    pages: [
      ['start', 'Five-minute start'],
      ['exactly-once', 'How exactly-once works'],
      ['from-kafkajs', 'From a kafkajs loop'],
      ['from-flink', 'From Flink'],
    ],
  },
  {
    title: 'Build',
    pages: [
      ['sources-and-sinks', 'Sources and sinks'],
      ['codecs', 'Codecs'],
      ['operators', 'Operators by example'],
      ['state', 'State'],
      ['event-time', 'Event time and windows'],
      ['joins', 'Joins and several outputs'],
      ['storage', 'Storage of snapshots'],
      ['upgrading', 'Upgrading a job'],
      ['bad-records', 'Bad records'],
      ['shards', 'Shards'],
      ['machines', 'Several machines'],
      ['type-errors', 'Type errors'],
      ['extending', 'Extending'],
    ],
  },
  {
    title: 'Run',
    pages: [
      ['testing', 'Testing'],
      ['crash-tests', 'Crash tests'],
      ['production', 'Running in production'],
      ['observe', 'Watching a job'],
      ['console', 'Page of a job'],
      ['command-line', 'Command line'],
      ['bundling', 'Bundling'],
      ['errors', 'Errors'],
    ],
  },
  {
    title: 'Know',
    pages: [
      ['fault-model', 'Faults'],
      ['proof', 'How it is proven'],
      ['speed', 'Speed'],
      ['limits', 'Limits'],
      ['stories', 'Stories of bugs'],
    ],
  },
]
