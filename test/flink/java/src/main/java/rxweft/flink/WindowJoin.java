package rxweft.flink;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.util.TaggedUnion;

/** The operator that `left.join(right).where().equalTo().window().apply()` makes, taken out of the job that it would be part of. */
final class WindowJoin {
  @SuppressWarnings("unchecked")
  static OneInputTransformation<TaggedUnion<Tuple3<String, Long, Boolean>, Tuple3<String, Long, Boolean>>, String>
      transformation(JsonNode operator) {
    var job = StreamExecutionEnvironment.getExecutionEnvironment();
    var any = List.of(Tuple3.of("", 0L, false));
    var joined =
        job.fromData(any, Element.type)
            .join(job.fromData(any, Element.type))
            .where(Element.key(), Types.STRING)
            .equalTo(Element.key(), Types.STRING)
            .window(WindowOperators.assigner(operator.get("assigner")))
            .allowedLateness(Duration.ofMillis(operator.get("allowedLateness").longValue()))
            .apply(WindowJoin::pair, Types.STRING);
    return (OneInputTransformation<TaggedUnion<Tuple3<String, Long, Boolean>, Tuple3<String, Long, Boolean>>, String>)
        joined.getTransformation();
  }

  @SuppressWarnings("unchecked")
  static <IN> KeySelector<IN, String> key(OneInputTransformation<IN, String> join) {
    return (KeySelector<IN, String>) join.getStateKeySelector();
  }

  static String pair(Tuple3<String, Long, Boolean> left, Tuple3<String, Long, Boolean> right) {
    var pair = Json.object().put("key", left.f0);
    pair.set("value", Json.array(List.of(left.f1, right.f1)));
    return pair.toString();
  }

  private WindowJoin() {}
}
