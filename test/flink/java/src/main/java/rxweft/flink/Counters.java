package rxweft.flink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperator;

/** Reads a metric where the operator keeps it: nothing in the harness reports metrics. */
final class Counters {
  static long lateRecordsDropped(WindowOperator<?, ?, ?, ?, ?> operator) throws ReflectiveOperationException {
    var field = WindowOperator.class.getDeclaredField("numLateRecordsDropped");
    field.setAccessible(true);
    return ((Counter) field.get(operator)).getCount();
  }

  private Counters() {}
}
