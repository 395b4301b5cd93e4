package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.COPIES;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What tests of the gateway start with: four nodes, a VDI "Alice" (one snapshot and a head), a
 * client of the first node.
 */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
abstract class GatewayTest {
  static final ObjectId DATA = ObjectId.data(HEAD, 3);
  static final ObjectId OLD_DATA = ObjectId.data(BASE, 3);

  final TestCluster cluster = new TestCluster(4);
  final TestNode gateway = cluster.node(0);

  @BeforeEach
  void inodesExist() {
    for (ObjectId inode : new ObjectId[] {INODE, ObjectId.inode(BASE)}) {
      ObjectAttributes attributes =
          new ObjectAttributes(InodeLayout.FULL_SIZE, COPIES, 0, new Epoch(1));
      assertThat(cluster.await(gateway.gateway.create(inode, attributes, 0, Unpooled.EMPTY_BUFFER)))
          .isEqualTo(ResultCode.SUCCESS);
    }
  }

  @AfterEach
  void noBufferIsLost() {
    assertThat(cluster.leakedBytes()).isZero();
  }

  /** Makes an object exist, filled with one value, as volume operations would. */
  void given(ObjectId oid, int value) {
    var bytes = cluster.buffer(filled(OBJECT, value));
    ObjectAttributes attributes = new ObjectAttributes(OBJECT, COPIES, 0, new Epoch(1));
    assertThat(cluster.await(gateway.gateway.create(oid, attributes, 0, bytes)))
        .isEqualTo(ResultCode.SUCCESS);
    bytes.release();
  }

  byte[] onDisk(TestNode node, ObjectId oid, int offset, int length) {
    var bytes = Unpooled.buffer(length);
    node.disk.read(oid, offset, length, bytes);
    return io.netty.buffer.ByteBufUtil.getBytes(bytes);
  }
}
