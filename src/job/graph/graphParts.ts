/** Source, operator or sink of a job. */
export interface GraphNode {
  /**
   * Unique in the graph, and the label of its metrics: the id of a source, sink or operator with
   * state, otherwise its kind, with a number from the second one on.
   */
  readonly name: string
  readonly role: 'source' | 'operator' | 'sink' | 'repartition'
  /** Function that made an operator, such as `scan`; otherwise its role. */
  readonly kind: string
  /** Whether it keeps state. */
  readonly state: boolean
  /** Topics of a source, if known. */
  readonly topics: readonly string[]
  /** Of a source: whether its records move event time. */
  readonly eventTime: boolean
  /** Of a source: whether it ends by itself. */
  readonly bounded: boolean
  /** Of a sink: whether it keeps all records in memory. */
  readonly inMemory: boolean
}

/** Way of records, by the names of two nodes. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  /** Whether it begins at a side output. */
  readonly side: boolean
}
