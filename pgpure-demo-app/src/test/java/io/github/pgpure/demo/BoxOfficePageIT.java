package io.github.pgpure.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import tools.jackson.databind.JsonNode;

/** What the page asks of the server: live changes, a report to cancel, price lists, the pool, the load. */
@Timeout(120)
class BoxOfficePageIT {

    private static final long PROBE = 4;

    private static RunningBoxOffice app;
    private static RestTestClient client;

    @BeforeAll
    static void start() {
        app = RunningBoxOffice.start("box_office_page_it");
        client = app.client();
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void pageAndItsPartsAreServed() {
        for (String path : new String[] {"/", "/app.js", "/style.css"}) {
            client.get().uri(path).exchange().expectStatus().isOk();
        }
    }

    @Test
    void everyOpenPageHearsOfASale() throws Exception {
        try (Events first = new Events();
                Events second = new Events()) {
            first.awaitOpen();
            second.awaitOpen();
            client.post()
                    .uri("/api/shows/2/reservations")
                    .contentType(MediaType.APPLICATION_JSON)
                    .body("""
                            {"customer": "Ada", "seats": ["A1"]}""")
                    .exchange()
                    .expectStatus()
                    .isCreated();
            assertThat(first.next()).isEqualTo("data:2");
            assertThat(second.next()).isEqualTo("data:2");
        }
    }

    @Test
    void aRefusedReservationIsNoNews() throws Exception {
        try (Events events = new Events()) {
            events.awaitOpen();
            client.post()
                    .uri("/api/shows/3/reservations")
                    .contentType(MediaType.APPLICATION_JSON)
                    .body("""
                            {"customer": "Ada", "seats": ["A1", "Z9"]}""")
                    .exchange()
                    .expectStatus()
                    .isBadRequest();
            upload(3, "seat,price\nA2,21.50\n").expectStatus().isOk();
            // The price list is news, and the first there is.
            assertThat(events.next()).isEqualTo("data:3");
            assertThat(events.next(Duration.ofSeconds(1))).isNull();
        }
    }

    @Test
    void aCancelledReportLeavesNoBackendBehind() {
        JsonNode started = body(client.post()
                .uri("/api/reports")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"workSeconds\": 60}")
                .exchange()
                .expectStatus()
                .isAccepted());
        String path = "/api/reports/" + started.get("id").asString();
        await().until(() -> get(path).get("backends").asInt() == 1);
        assertThat(get(path).get("state").asString()).isEqualTo("RUNNING");

        client.delete().uri(path).exchange().expectStatus().isOk();
        // By itself it would work for 60 s.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> get(path).get("backends").asInt() == 0);
        assertThat(get(path).get("state").asString()).isEqualTo("CANCELLED");
        assertThat(app.backendsRunning("%pg_sleep%")).isZero();
    }

    @Test
    void aReportThatIsLeftAloneIsDone() {
        JsonNode started = body(client.post()
                .uri("/api/reports")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"workSeconds\": 0}")
                .exchange());
        String path = "/api/reports/" + started.get("id").asString();
        await().until(() -> get(path).get("state").asString().equals("DONE"));
        assertThat(get(path).get("sales")).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void unknownReportsAreNotFound() {
        client.get()
                .uri("/api/reports/00000000-0000-0000-0000-000000000000")
                .exchange()
                .expectStatus()
                .isNotFound();
    }

    @Test
    void aPriceListChangesThePricesOfFreeSeats() {
        RestTestClient.ResponseSpec response = upload(1, "seat,price\nD1,31.00\nD2,31.50\nZ9,1.00\n");
        response.expectStatus().isOk();
        assertThat(body(response).get("changed").asInt()).isEqualTo(2);
        JsonNode d1 = null;
        for (JsonNode seat : get("/api/shows/1/seats")) {
            if (seat.get("seat").asString().equals("D1")) {
                d1 = seat;
            }
        }
        assertThat(d1).isNotNull();
        assertThat(d1.get("price").decimalValue()).isEqualByComparingTo("31");
    }

    @Test
    void aWrongPriceListSaysWhereAndChangesNothing() {
        String before = get("/api/shows/1/seats").toString();
        for (String csv : new String[] {
            "seat,price\nD3,cheap\n",
            "seat,price\nD3,-1\n",
            "seat,price\nD3\n",
            "seat,price\nD3,1\nD3,2\n",
            "seat,price\nD3,1e9\n"
        }) {
            RestTestClient.ResponseSpec response = upload(1, csv);
            response.expectStatus().isEqualTo(HttpStatus.BAD_REQUEST);
            assertThat(body(response).get("detail").asString()).contains("line ");
        }
        upload(999, "seat,price\n").expectStatus().isNotFound();
        upload(1, "seat,price\n" + "x".repeat(1_000_000)).expectStatus().isEqualTo(HttpStatus.CONTENT_TOO_LARGE);
        assertThat(get("/api/shows/1/seats").toString()).isEqualTo(before);
    }

    @Test
    void thePoolShowsItself() {
        JsonNode pool = get("/api/pool");
        assertThat(pool.get("maxConnections").asInt()).isPositive();
        assertThat(pool.get("acquired").asLong()).isPositive();
    }

    @Test
    void clientsOfTheRehearsalReserveUntilTheyAreStopped() {
        put(51).expectStatus().isBadRequest();
        put(20).expectStatus().isOk();
        // More than the show has seats, so it has been cleared and sold again.
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("/api/load").get("reserved").asLong() > 60);
        put(0).expectStatus().isOk();
        await().until(() -> get("/api/load").get("clients").asInt() == 0);
        assertThat(get("/api/load").get("refused").asLong()).isZero();
    }

    private static RestTestClient.ResponseSpec put(int clients) {
        return client.put()
                .uri("/api/load")
                .contentType(MediaType.APPLICATION_JSON)
                .body(Map.of("clients", clients))
                .exchange();
    }

    private static RestTestClient.ResponseSpec upload(long show, String csv) {
        return client.post()
                .uri("/api/shows/" + show + "/prices")
                .contentType(MediaType.valueOf("text/csv"))
                .body(csv)
                .exchange();
    }

    private static JsonNode get(String path) {
        return body(client.get().uri(path).exchange());
    }

    private static JsonNode body(RestTestClient.ResponseSpec response) {
        JsonNode body = response.returnResult(JsonNode.class).getResponseBody();
        assertThat(body).isNotNull();
        return body;
    }

    /** One open page's event stream. */
    private static final class Events implements AutoCloseable {

        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final Stream<String> stream;
        private final Thread reader;

        Events() throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(app.url() + "/api/events"))
                    .build();
            stream = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofLines())
                    .body();
            reader = new Thread(() -> {
                try {
                    stream.filter(line -> line.startsWith("data:")).forEach(lines::add);
                } catch (RuntimeException e) {
                    // Closed by the test.
                }
            });
            reader.start();
        }

        /** The listener connects in the background: changes {@link #PROBE} until that is heard. */
        void awaitOpen() {
            await().until(() -> {
                upload(PROBE, "seat,price\nA1,5.00\n");
                return lines.poll(200, TimeUnit.MILLISECONDS) != null;
            });
        }

        /** The next change of another show than {@link #PROBE}; null when there is none in time. */
        @Nullable
        String next() throws InterruptedException {
            return next(Duration.ofSeconds(20));
        }

        @Nullable
        String next(Duration limit) throws InterruptedException {
            String line;
            do {
                line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            } while (("data:" + PROBE).equals(line));
            return line;
        }

        @Override
        public void close() {
            stream.close();
            reader.interrupt();
        }
    }
}
