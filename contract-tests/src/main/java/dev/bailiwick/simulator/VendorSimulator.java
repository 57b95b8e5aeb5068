// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.net.URI;
import java.util.List;

/**
 * What the simulators of all vendors have in common: a port, a record of what arrived and of what
 * it did, and trouble on demand. Thread-safe.
 *
 * @param <S> the vendor's situations, each with a stub file: {@link StubFile}
 */
public abstract class VendorSimulator<S extends Enum<S>> implements Simulator {

  /** The port. */
  protected abstract SimulatedServer server();

  /** What the service did. */
  protected abstract Touches noted();

  /** Whether a request is for the token endpoint and its like. */
  protected abstract boolean isLogIn(SeenRequest request);

  /**
   * Starts to listen.
   *
   * @throws IllegalStateException when the port is taken or may not be used
   */
  @Override
  public VendorSimulator<S> start() {
    server().start();
    return this;
  }

  @Override
  public final URI origin() {
    return server().origin();
  }

  /** Lets the next matching request run into a situation, and only that one. */
  public final void once(S situation) {
    server().once(stub(situation));
  }

  /** Lets every matching request run into a situation until {@link #calm}. */
  public final void always(S situation) {
    server().always(stub(situation));
  }

  private String stub(S situation) {
    return StubFile.read(situation.getDeclaringClass(), situation.name());
  }

  /** Lets answers come in chunks, without their length, until {@link #calm}. */
  public final void answerInChunks() {
    server().answerInChunks();
  }

  @Override
  public final void calm() {
    server().calm();
  }

  @Override
  public List<SeenRequest> requests() {
    return server().requests();
  }

  @Override
  public final List<SeenRequest> apiRequests() {
    return requests().stream().filter(request -> !isLogIn(request)).toList();
  }

  @Override
  public final boolean saw(String text) {
    return requests().stream().anyMatch(request -> request.mentions(text));
  }

  @Override
  public void forgetRequests() {
    server().forgetRequests();
  }

  @Override
  public final List<Touch> touches() {
    return noted().list();
  }

  @Override
  public final void forgetTouches() {
    noted().forget();
  }

  @Override
  public final void close() {
    server().close();
  }
}
