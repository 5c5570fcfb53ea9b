package rxweft.flink;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.CountTrigger;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.PurgingTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorBuilder;
import org.apache.flink.util.OutputTag;

/** Builds the WindowOperator that a scenario describes, as `keyBy().window()...` would. */
final class WindowOperators {
  private static final OutputTag<Tuple3<String, Long, Boolean>> late = new OutputTag<>("late", Element.type);

  static OneInputStreamOperator<Tuple3<String, Long, Boolean>, String> window(JsonNode operator) {
    var builder =
        new WindowOperatorBuilder<>(
            assigner(operator.get("assigner")),
            trigger(operator),
            new ExecutionConfig(),
            Element.type,
            Element.key(),
            Types.STRING);
    builder.allowedLateness(Duration.ofMillis(operator.get("allowedLateness").longValue()));
    late(operator).forEach(builder::sideOutputLateData);
    return switch (operator.get("function").asText()) {
      case "sum" -> builder.aggregate(new Sum(), new Windowed.Single<>(), Types.LONG);
      case "list" -> builder.process(new Windowed.All<>());
      default -> throw new IllegalArgumentException("no function is called " + operator.get("function"));
    };
  }

  static List<OutputTag<Tuple3<String, Long, Boolean>>> late(JsonNode operator) {
    return operator.get("lateOutput").asBoolean() ? List.of(late) : List.of();
  }

  /** Each of them takes elements of any kind; which kind of window it makes is its own business. */
  @SuppressWarnings("unchecked")
  static WindowAssigner<Object, Window> assigner(JsonNode assigner) {
    WindowAssigner<Object, ? extends Window> made =
        switch (assigner.get("type").asText()) {
          case "tumbling" -> TumblingEventTimeWindows.of(ms(assigner, "size"), ms(assigner, "offset"));
          case "sliding" -> SlidingEventTimeWindows.of(ms(assigner, "size"), ms(assigner, "slide"), ms(assigner, "offset"));
          case "session" -> EventTimeSessionWindows.withGap(ms(assigner, "gap"));
          case "global" -> GlobalWindows.create();
          default -> throw new IllegalArgumentException("no assigner is called " + assigner.get("type"));
        };
    return (WindowAssigner<Object, Window>) made;
  }

  /** A global window never ends, so there is another trigger that waits for the last watermark: EventTimeTrigger is for windows of time. */
  @SuppressWarnings("unchecked")
  private static Trigger<Object, Window> trigger(JsonNode operator) {
    JsonNode trigger = operator.get("trigger");
    if (trigger.get("type").asText().equals("watermark")) {
      boolean global = operator.get("assigner").get("type").asText().equals("global");
      var made = global ? GlobalWindows.createWithEndOfStreamTrigger().getDefaultTrigger() : EventTimeTrigger.create();
      return (Trigger<Object, Window>) (Trigger<Object, ?>) made;
    }
    Trigger<Object, Window> count = CountTrigger.of(trigger.get("count").longValue());
    return trigger.get("purge").asBoolean() ? PurgingTrigger.of(count) : count;
  }

  private static Duration ms(JsonNode assigner, String name) {
    return Duration.ofMillis(assigner.get(name).longValue());
  }

  private WindowOperators() {}
}
