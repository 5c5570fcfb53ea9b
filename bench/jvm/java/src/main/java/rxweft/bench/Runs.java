package rxweft.bench;

/**
 * Record i of a feed goes to partition i % partitions. They are sent in runs of one partition, so that the producer fills one
 * batch after the other and not one a partition at once.
 */
final class Runs {
  private static final int run = 2_000;

  interface Each {
    void record(int partition, long number);
  }

  static void of(long records, int partitions, Each each) {
    for (long from = 0; from * partitions < records; from += run) {
      for (int partition = 0; partition < partitions; partition++) {
        long end = Math.min(from + run, (records - partition + partitions - 1) / partitions);
        for (long number = from; number < end; number++) each.record(partition, number);
      }
    }
  }

  private Runs() {}
}
