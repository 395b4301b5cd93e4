package io.sheepdog.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.Epoch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CodecPropertyTest {
  private static final int SEEDS = 40;

  @Test
  void everyEventComesBackAsItWasSent() {
    for (long seed = 0; seed < SEEDS; seed++) {
      RandomHistory random = new RandomHistory(seed);
      random.play(20);
      for (int i = 0; i < 50; i++) {
        Envelope sent = new Envelope(seed * 1000 + i, random.any());
        assertThat(EventCodec.decode(EventCodec.encode(sent))).as("seed " + seed).isEqualTo(sent);
      }
    }
  }

  @Test
  void everyStateComesBackAsItWas() {
    for (long seed = 0; seed < SEEDS; seed++) {
      ClusterState state = new RandomHistory(seed).play(300);
      ByteBuf out = Unpooled.buffer();
      StateCodec.write(out, state);
      assertThat(StateCodec.read(out)).as("seed " + seed).isEqualTo(state);
      assertThat(out.isReadable()).isFalse();
      out.release();
    }
  }

  @Test
  void nodesThatSeeTheSameEventsHaveTheSameState() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(new RandomHistory(seed).play(300)).isEqualTo(new RandomHistory(seed).play(300));
    }
  }

  @Test
  void damagedEventsAreRefusedAndNothingElseHappens() {
    Random damage = new Random(7);
    int refused = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      byte[] message = EventCodec.encode(new Envelope(1, new RandomHistory(seed).any()));
      for (int i = 0; i < 200; i++) {
        byte[] damaged = Arrays.copyOf(message, damage.nextInt(message.length + 8));
        if (damaged.length > 0) {
          damaged[damage.nextInt(damaged.length)] = (byte) damage.nextInt();
        }
        refused += isRefused(damaged) ? 1 : 0;
      }
    }
    assertThat(refused).isPositive();
  }

  private static boolean isRefused(byte[] message) {
    try {
      EventCodec.decode(message);
      return false;
    } catch (ProtocolException e) {
      return true;
    }
  }

  @Test
  void damagedStatesAreRefusedAndNothingElseHappens() {
    Random damage = new Random(7);
    ByteBuf out = Unpooled.buffer();
    StateCodec.write(out, new RandomHistory(3).play(300));
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      ByteBuf damaged = out.copy(0, 1 + damage.nextInt(out.readableBytes()));
      damaged.setByte(damage.nextInt(damaged.readableBytes()), damage.nextInt());
      try {
        StateCodec.read(damaged);
      } catch (ProtocolException e) {
        refused++;
      }
      damaged.release();
    }
    assertThat(refused).isPositive();
    out.release();
  }

  @Test
  void anotherVersionIsNamedInTheMessage() {
    byte[] message = EventCodec.encode(new Envelope(1, new Shutdown()));
    message[0] = 9;
    assertThatThrownBy(() -> EventCodec.decode(message))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("version 9")
        .hasMessageContaining("same release");
  }

  @Test
  void bytesBehindAnEventAreRefused() {
    byte[] message = EventCodec.encode(new Envelope(1, new Shutdown()));
    assertThatThrownBy(() -> EventCodec.decode(Arrays.copyOf(message, message.length + 1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("1 bytes too many");
  }

  @Test
  void anEventThatDoesNotFitIntoAMessageIsNotSent() {
    List<EpochNode> nodes = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      nodes.add(History.epochNode(1));
    }
    EpochRecord huge = new EpochRecord(new Epoch(1), History.BIRTH, nodes);
    JoinRequest join = new JoinRequest(History.node(1), 1, 1, History.CONFIG, huge, History.BIRTH);
    assertThatThrownBy(() -> EventCodec.encode(new Envelope(1, join)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("JoinRequest");
  }
}
