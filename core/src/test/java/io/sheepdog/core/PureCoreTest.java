package io.sheepdog.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The core is deterministic: the same seed gives the same run, in the daemon and in the simulator.
 *
 * <p>Whatever brings time, threads, files, sockets or chance from outside has to come in through an
 * interface. Not visible here, and to be kept in review: the iteration order of {@code Set.of} and
 * {@code Map.of}, and of hash tables keyed by enums, differs from one JVM to the next.
 */
@AnalyzeClasses(packages = "io.sheepdog.core", importOptions = DoNotIncludeTests.class)
final class PureCoreTest {

  /** Of {@code java.util.concurrent}, what neither starts a thread nor waits for one. */
  private static final Set<String> HARMLESS_CONCURRENCY =
      Set.of(
          "java.util.concurrent.Executor",
          "java.util.concurrent.Callable",
          "java.util.concurrent.CompletableFuture",
          "java.util.concurrent.CompletionStage",
          "java.util.concurrent.CompletionException",
          "java.util.concurrent.CancellationException",
          "java.util.concurrent.TimeUnit");

  /** Of {@code java.net}, the plain values. */
  private static final Set<String> ADDRESSES =
      Set.of(
          "java.net.InetAddress",
          "java.net.Inet4Address",
          "java.net.Inet6Address",
          "java.net.InetSocketAddress",
          "java.net.UnknownHostException");

  private static final Set<String> NAME_LOOKUPS =
      Set.of("getByName", "getAllByName", "getLocalHost");

  /** Calls without an argument take the clock or the seed from the machine. */
  private static final Set<String> SEEDED_ONLY =
      Set.of("java.util.Random", "java.util.SplittableRandom");

  @ArchTest
  static final ArchRule noThreadsOrLocks =
      noClasses()
          .should()
          .dependOnClassesThat(
              describe(
                  "are threads, executors or locks",
                  c ->
                      c.isAssignableTo(Thread.class)
                          || c.isAssignableTo(ThreadLocal.class)
                          || c.isEquivalentTo(java.util.Timer.class)
                          || outside(c, "java.util.concurrent", HARMLESS_CONCURRENCY)
                              && !c.getPackageName().equals("java.util.concurrent.atomic")))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noSynchronizedMethods =
      noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED).allowEmptyShould(true);

  @ArchTest
  static final ArchRule noFilesOrSockets =
      noClasses()
          .should()
          .dependOnClassesThat(
              describe(
                  "are files or sockets",
                  c ->
                      c.getPackageName().startsWith("java.nio.file")
                          || c.getPackageName().startsWith("java.nio.channels")
                          || c.getPackageName().startsWith("javax.net")
                          || c.getName().matches("java\\.io\\.(File.*|RandomAccessFile|Console)")
                          || outside(c, "java.net", ADDRESSES)));

  @ArchTest
  static final ArchRule noNettyChannelsAndNoNativeCode =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netty.channel..",
              "io.netty.handler..",
              "io.netty.bootstrap..",
              "com.sun.jna..",
              "sun.misc..");

  @ArchTest
  static final ArchRule noChanceOfItsOwn =
      noClasses()
          .should()
          .dependOnClassesThat(
              describe(
                  "are random sources without a seed",
                  c ->
                      c.isEquivalentTo(SecureRandom.class)
                          || c.isEquivalentTo(ThreadLocalRandom.class)))
          .orShould()
          .callCodeUnitWhere(describe("takes chance from the machine", PureCoreTest::isChance));

  @ArchTest
  static final ArchRule noClockOfItsOwn =
      noClasses()
          .should()
          .callCodeUnitWhere(describe("takes the time from the machine", PureCoreTest::isClock));

  @ArchTest
  static final ArchRule noHandOnTheProcess =
      noClasses()
          .should()
          .callCodeUnitWhere(
              describe(
                  "touches the process or waits",
                  call ->
                      isCall(call, "java.lang.System", Set.of("exit", "getenv", "getProperty"))
                          || isCall(call, "java.lang.Object", Set.of("wait", "notify", "notifyAll"))
                          || isCall(call, "java.net.InetAddress", NAME_LOOKUPS)
                          || call.getTargetOwner().isEquivalentTo(Runtime.class)));

  private static boolean outside(JavaClass type, String root, Set<String> allowed) {
    String pkg = type.getPackageName();
    boolean inside = pkg.equals(root) || pkg.startsWith(root + ".");
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return inside && !allowed.contains(outer.getName());
  }

  private static boolean isChance(JavaCall<?> call) {
    CodeUnitCallTarget target = call.getTarget();
    int arguments = target.getRawParameterTypes().size();
    return SEEDED_ONLY.contains(target.getOwner().getName())
            && target.getName().equals("<init>")
            && arguments == 0
        || isCall(call, "java.lang.Math", Set.of("random"))
        || isCall(call, "java.util.UUID", Set.of("randomUUID"))
        || isCall(call, "java.util.Collections", Set.of("shuffle")) && arguments == 1;
  }

  private static boolean isClock(JavaCall<?> call) {
    CodeUnitCallTarget target = call.getTarget();
    return isCall(call, "java.lang.System", Set.of("nanoTime", "currentTimeMillis"))
        || target.getOwner().getPackageName().equals("java.time")
            && (target.getName().equals("now") || target.getName().startsWith("system"))
        || target.getOwner().isEquivalentTo(java.util.Date.class)
            && target.getName().equals("<init>")
            && target.getRawParameterTypes().isEmpty();
  }

  private static boolean isCall(JavaCall<?> call, String owner, Set<String> names) {
    return call.getTargetOwner().getName().equals(owner) && names.contains(call.getName());
  }
}
