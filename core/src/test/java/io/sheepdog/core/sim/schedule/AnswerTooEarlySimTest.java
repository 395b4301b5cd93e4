package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What was ordered is answered when the others have applied it (R4): then it is there also if the
 * node that answered dies at that moment, and takes what it alone had got with it. Three nodes, to
 * each of which ordered messages take another time.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AnswerTooEarlySimTest {
  private static final String NAME = "Alice";
  private static final int NODES = 3;
  private static final int SEEDS = 40;
  private static final Geometry GEOMETRY = new Geometry(4, 2, 512);

  /** A member says that it has applied what it has not got yet. */
  private static final class HastyConfirmation implements Mistake {
    private boolean begun;

    @Override
    public Request peerRequest(Request real, Epoch serving) {
      return begun && real.operation() == Opcode.PEER_CONFIRM
          ? real.withBody(new SequenceBody(0, SequenceBody.WHEN_SETTLED, 0))
          : real;
    }
  }

  /** Makes a VDI, ends the node that has answered, and asks the others for it. */
  private static ResultCode foundAfterwards(long seed, HastyConfirmation mistake, boolean planted) {
    SplittableRandom random = new SplittableRandom(seed);
    SimWorld world =
        new SimWorld(random.split(), new WorldShape(NODES, NODES, GEOMETRY), mistake, false);
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    Scenario scenario = new Scenario(world, admin);
    scenario.startCluster(NODES, 0);
    for (SimNode node : world.living()) {
      node.driver().slowDown(random.nextLong(TimeUnit.MILLISECONDS.toNanos(200)));
    }
    mistake.begun = planted;
    var created = admin.create(NAME, GEOMETRY.diskSize());
    scenario.until(created::isDone);
    assertThat(created.join()).isTrue();
    mistake.begun = false;

    List<SimNode> knowing = world.living().stream().filter(AnswerTooEarlySimTest::knows).toList();
    assertThat(knowing).isNotEmpty();
    world.crashAnyway(knowing.get(0));
    world.living().forEach(node -> node.driver().slowDown(0));
    scenario.until(
        () ->
            world.living().stream()
                .allMatch(node -> node.node().agent().state().members().size() == NODES - 1));
    scenario.until(world::allServe);
    var found = admin.lookup(NAME, "");
    scenario.until(found::isDone);
    ResultCode code = found.join();
    assertThat(code).isNotNull();
    return code;
  }

  private static boolean knows(SimNode node) {
    return node.node().agent().state().directory().head(NAME) != null;
  }

  @Test
  void aVdiThatWasAnsweredIsThereAlthoughTheNodeThatAnsweredIsGone() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(foundAfterwards(seed, new HastyConfirmation(), false))
          .as("seed %d", seed)
          .isEqualTo(ResultCode.SUCCESS);
    }
  }

  /** A planted mistake. */
  @Test
  void answeringBeforeTheOthersHaveAppliedItLosesVdis() {
    int lost = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      lost += foundAfterwards(seed, new HastyConfirmation(), true) == ResultCode.NO_VDI ? 1 : 0;
    }
    assertThat(lost).isPositive();
  }
}
