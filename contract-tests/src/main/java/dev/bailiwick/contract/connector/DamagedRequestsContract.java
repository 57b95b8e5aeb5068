// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests that were good once, damaged at random from a fixed seed: pieces are cut out, doubled,
 * or replaced by others. Whatever arrives, a connector answers with operations or denies with a
 * sentence; it never fails in another way and never hangs.
 */
public abstract class DamagedRequestsContract {
  private static final long SEED = 20261124;

  protected abstract Connector connector();

  /** Good requests and bad ones. */
  protected abstract Stream<RequestCase> corpus();

  /** Words and signs of the vendor's own languages. */
  protected abstract List<String> pieces();

  protected int rounds() {
    return 30_000;
  }

  @Test
  @Timeout(60)
  void callWhenARequestIsDamagedThenAnswersOrDenies() {
    Random random = new Random(SEED);
    Connector connector = connector();
    List<RequestCase> corpus = corpus().toList();
    int understood = 0;
    for (int i = 0; i < rounds(); i++) {
      RequestCase request = corpus.get(random.nextInt(corpus.size()));
      boolean target = random.nextBoolean();
      boolean body = !request.body().isEmpty() && (!target || random.nextBoolean());
      understood +=
          ask(
                  connector,
                  request,
                  target ? damaged(request.target(), random) : request.target(),
                  body ? damaged(request.body(), random) : request.body())
              ? 1
              : 0;
    }

    assertThat(understood).as("requests that were still understood").isGreaterThan(rounds() / 50);
  }

  private static boolean ask(Connector connector, RequestCase request, String target, String body) {
    try {
      int query = target.indexOf('?');
      RequestTarget parsed =
          RequestTarget.parse(
              query < 0 ? target : target.substring(0, query),
              query < 0 ? null : target.substring(query + 1));
      VendorCall call =
          connector.call(
              ConnectorRequest.head(request.method(), parsed, request.headers())
                  .withBody(body.getBytes(StandardCharsets.UTF_8)));
      assertThat(call.operations().size() + call.uses().size())
          .as("%s %s", request, target)
          .isPositive();
      return true;
    } catch (MalformedRequestException denied) {
      assertThat(denied.sentence()).as("%s %s", request, target).isNotBlank();
      return false;
    }
  }

  private String damaged(String text, Random random) {
    StringBuilder out = new StringBuilder(text);
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      int at = random.nextInt(out.length() + 1);
      int end = Math.min(out.length(), at + random.nextInt(12));
      String piece = pieces().get(random.nextInt(pieces().size()));
      switch (random.nextInt(4)) {
        case 0 -> out.delete(at, end);
        case 1 -> out.insert(at, piece);
        case 2 -> out.insert(at, out.substring(at, end));
        default -> out.replace(at, end, piece);
      }
    }
    return out.toString();
  }
}
