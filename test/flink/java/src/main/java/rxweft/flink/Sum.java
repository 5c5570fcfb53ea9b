package rxweft.flink;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.tuple.Tuple3;

/** The sum of the values, kept up to date element by element. */
final class Sum implements AggregateFunction<Tuple3<String, Long, Boolean>, Long, Long> {
  @Override
  public Long createAccumulator() {
    return 0L;
  }

  @Override
  public Long add(Tuple3<String, Long, Boolean> element, Long sum) {
    return sum + element.f1;
  }

  @Override
  public Long getResult(Long sum) {
    return sum;
  }

  @Override
  public Long merge(Long one, Long other) {
    return one + other;
  }
}
