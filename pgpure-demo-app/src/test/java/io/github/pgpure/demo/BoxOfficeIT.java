package io.github.pgpure.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import tools.jackson.databind.JsonNode;

/** The box office over HTTP, on a real server. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoxOfficeIT {

    private RunningBoxOffice app;
    private RestTestClient client;

    /** Overridden by the variants. */
    RunningBoxOffice startApp() {
        return RunningBoxOffice.start("box_office_it");
    }

    @BeforeAll
    void start() {
        app = startApp();
        client = app.client();
    }

    @AfterAll
    void stop() {
        app.close();
    }

    @Test
    void listsShowsWithTheirFreeSeats() {
        JsonNode shows = get("/api/shows");
        assertThat(shows).hasSizeGreaterThanOrEqualTo(3);
        for (JsonNode show : shows) {
            assertThat(show.propertyNames()).containsExactly("id", "title", "startsAt", "capacity", "free");
            assertThat(show.get("id").isIntegralNumber()).isTrue();
            assertThat(show.get("title").asString()).isNotBlank();
            assertThat(Instant.parse(show.get("startsAt").asString())).isAfter(Instant.now());
            assertThat(show.get("free").asLong())
                    .isBetween(0L, show.get("capacity").asLong());
        }
    }

    @Test
    void showsEverySeatWithStatusAndPrice() {
        JsonNode show = show("The Tempest");
        JsonNode seats = get("/api/shows/" + show.get("id") + "/seats");
        assertThat(seats).hasSize(show.get("capacity").asInt());
        JsonNode last = seats.get(seats.size() - 1);
        assertThat(last.propertyNames()).containsExactly("seat", "status", "price");
        assertThat(last.get("seat").asString()).isEqualTo("D12");
        assertThat(last.get("status").asString()).isEqualTo("FREE");
        assertThat(last.get("price").decimalValue()).isEqualByComparingTo("29");
    }

    @Test
    void reservesSeatsAndRemembersThem() {
        String show = id("The Tempest");
        long free = show("The Tempest").get("free").asLong();
        RestTestClient.ResponseSpec response = post(show, """
                {"customer": "Ada", "seats": ["A2", "A1"]}""");
        response.expectStatus().isCreated();
        JsonNode reservation = body(response);
        assertThat(reservation.propertyNames()).containsExactly("reservationId", "total");
        assertThat(reservation.get("total").decimalValue()).isEqualByComparingTo("96");
        assertThat(status(show, "A1")).isEqualTo("RESERVED");
        assertThat(status(show, "A3")).isEqualTo("FREE");
        assertThat(show("The Tempest").get("free").asLong()).isEqualTo(free - 2);

        String location =
                response.returnResult(JsonNode.class).getResponseHeaders().getFirst("Location");
        JsonNode ticket = get(location);
        assertThat(ticket.get("customer").asString()).isEqualTo("Ada");
        assertThat(ticket.get("show").asString()).isEqualTo("The Tempest");
        assertThat(ticket.get("seats")).extracting(JsonNode::asString).containsExactly("A2", "A1");
        assertThat(ticket.at("/receipt/lines/0/seat").asString()).isEqualTo("A1");
        assertThat(ticket.at("/receipt/lines/0/price").decimalValue()).isEqualByComparingTo(new BigDecimal("48"));
    }

    @Test
    void aTakenSeatIsAConflictAndNothingIsReserved() {
        String show = id("The Tempest");
        post(show, """
                {"customer": "Ada", "seats": ["B1"]}""").expectStatus().isCreated();
        RestTestClient.ResponseSpec second = post(show, """
                {"customer": "Grace", "seats": ["B2", "B1", "B3"]}""");
        JsonNode problem = problem(second, HttpStatus.CONFLICT);
        assertThat(problem.get("seats")).extracting(JsonNode::asString).containsExactly("B1");
        assertThat(status(show, "B2")).isEqualTo("FREE");
        assertThat(status(show, "B3")).isEqualTo("FREE");
    }

    @Test
    void unknownShowsAndReservationsAreNotFound() {
        problem(client.get().uri("/api/shows/987654/seats").exchange(), HttpStatus.NOT_FOUND);
        problem(post("987654", """
                {"customer": "Ada", "seats": ["A1"]}"""), HttpStatus.NOT_FOUND);
        problem(
                client.get()
                        .uri("/api/reservations/00000000-0000-0000-0000-000000000000")
                        .exchange(),
                HttpStatus.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"customer\": \"Ada\"",
                "{\"seats\": [\"C1\"]}",
                "{\"customer\": null, \"seats\": [\"C1\"]}",
                "{\"customer\": \"\", \"seats\": [\"C1\"]}",
                "{\"customer\": \" \\t\", \"seats\": [\"C1\"]}",
                "{\"customer\": \"Ada\\u0000\", \"seats\": [\"C1\"]}",
                "{\"customer\": 7, \"seats\": [\"C1\"]}",
                "{\"customer\": true, \"seats\": [\"C1\"]}",
                "{\"customer\": {\"name\": \"Ada\"}, \"seats\": [\"C1\"]}",
                "{\"customer\": \"Ada\"}",
                "{\"customer\": \"Ada\", \"seats\": null}",
                "{\"customer\": \"Ada\", \"seats\": []}",
                "{\"customer\": \"Ada\", \"seats\": \"C1\"}",
                "{\"customer\": \"Ada\", \"seats\": [1]}",
                "{\"customer\": \"Ada\", \"seats\": [null]}",
                "{\"customer\": \"Ada\", \"seats\": [\"\"]}",
                "{\"customer\": \"Ada\", \"seats\": [[\"C1\"]]}",
                "{\"customer\": \"Ada\", \"seats\": [\"C1\", \"C1\"]}",
                "{\"customer\": \"Ada\", \"seats\": [\"C1\", \"Z99\"]}",
                "{\"customer\": \"Ada\", \"seats\": [\"c1\"]}",
                "{\"customer\": \"Ada\", \"seats\": [\"C1'; drop table seats; --\"]}",
            })
    void badInputIsAProblemAndChangesNothing(String body) {
        String show = id("The Tempest");
        problem(post(show, body), HttpStatus.BAD_REQUEST);
        assertThat(status(show, "C1")).isEqualTo("FREE");
    }

    @Test
    void aProblemNamesTheFieldsThatAreWrong() {
        JsonNode problem = problem(post(id("The Tempest"), """
                {"customer": "", "seats": ["x"]}"""), HttpStatus.BAD_REQUEST);
        assertThat(problem.get("errors").propertyNames()).containsExactly("customer", "seats[0]");
    }

    @Test
    void anOverlongCustomerIsRefusedAndALongOneIsNot() {
        String show = id("The Tempest");
        String body = "{\"customer\": \"%s\", \"seats\": [\"C2\"]}";
        problem(post(show, body.formatted("x".repeat(101))), HttpStatus.BAD_REQUEST);
        post(show, body.formatted("ż".repeat(100))).expectStatus().isCreated();
    }

    @Test
    void fiftyClientsFightForOneSeatAndOneWins() throws Exception {
        String show = id("A Doll's House");
        List<Integer> statuses =
                together(50, client -> post(show, "{\"customer\": \"client " + client + "\", \"seats\": [\"A7\"]}"));
        assertThat(statuses).containsOnly(201, 409);
        assertThat(Collections.frequency(statuses, 201)).isOne();
        assertThat(status(show, "A7")).isEqualTo("RESERVED");
    }

    @Test
    void overlappingReservationsInAnyOrderNeitherDeadlockNorSplit() throws Exception {
        String show = id("A Doll's House");
        String[] orders = {"\"B1\",\"B2\",\"B3\"", "\"B3\",\"B2\",\"B1\"", "\"B2\",\"B3\"", "\"B3\",\"B1\""};
        List<Integer> statuses = together(
                40, client -> post(show, "{\"customer\": \"x\", \"seats\": [" + orders[client % orders.length] + "]}"));
        assertThat(statuses).containsOnly(201, 409);
        assertThat(Collections.frequency(statuses, 201)).isOne();
    }

    @Test
    void reportAddsUpWhatWasSold() {
        post(id("Nine Lives of a Query"), """
                {"customer": "Ada", "seats": ["E1", "D1"]}""").expectStatus().isCreated();
        JsonNode report = get("/api/report?workSeconds=0");
        JsonNode line = null;
        for (JsonNode each : report) {
            if (each.get("title").asString().equals("Nine Lives of a Query")) {
                line = each;
            }
        }
        assertThat(line).isNotNull();
        assertThat(line.get("sold").asLong()).isEqualTo(2);
        assertThat(line.get("revenue").decimalValue()).isEqualByComparingTo("19");
    }

    @Test
    void reportMeetsItsDeadlineAndLeavesNoBackendBehind() {
        long started = System.nanoTime();
        RestTestClient.ResponseSpec response =
                client.get().uri("/api/report?workSeconds=30&timeoutMillis=500").exchange();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
        problem(response, HttpStatus.GATEWAY_TIMEOUT);
        // Without the deadline it would be 30 s.
        assertThat(elapsed).isBetween(Duration.ofMillis(450), Duration.ofSeconds(10));
        await().atMost(10, SECONDS).until(() -> app.backendsRunning("%pg_sleep%") == 0);
        get("/api/report?workSeconds=0");
    }

    @Test
    void manyReportsPastTheirDeadlinesDoNotExhaustThePool() throws Exception {
        List<Integer> statuses = together(
                30,
                client -> this.client
                        .get()
                        .uri("/api/report?workSeconds=30&timeoutMillis=300")
                        .exchange());
        assertThat(statuses).containsOnly(504);
        await().atMost(5, SECONDS).until(() -> app.backendsRunning("%pg_sleep%") == 0);
        get("/api/shows");
    }

    @Test
    void killedBackendsCostAtMostTheRequestsTheyServed() throws Exception {
        String show = id("Open Rehearsal");
        Thread killer = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                app.killBackends();
            }
        });
        killer.start();
        Set<Integer> statuses = new TreeSet<>();
        try {
            for (int round = 0; round < 10; round++) {
                String seat = "F" + (round + 1);
                statuses.addAll(
                        together(10, client -> post(show, "{\"customer\": \"x\", \"seats\": [\"" + seat + "\"]}")));
            }
        } finally {
            killer.interrupt();
            killer.join();
        }
        assertThat(statuses).isSubsetOf(201, 409, 503);
        get("/api/shows");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "workSeconds=-1",
                "workSeconds=3601",
                "workSeconds=ten",
                "workSeconds=99999999999999",
                "timeoutMillis=0",
                "timeoutMillis=-5",
                "timeoutMillis=60001",
                "timeoutMillis=1.5"
            })
    void reportRefusesWhatIsOutOfBounds(String query) {
        problem(client.get().uri("/api/report?" + query).exchange(), HttpStatus.BAD_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/shows/abc/seats", "/api/shows/99999999999999999999/seats", "/api/reservations/7"})
    void malformedIdsAreBadRequests(String path) {
        problem(client.get().uri(path).exchange(), HttpStatus.BAD_REQUEST);
    }

    @Test
    void healthShowsThePool() {
        JsonNode health = get("/actuator/health");
        assertThat(health.get("status").asString()).isEqualTo("UP");
        assertThat(health.at("/components/pgpure/status").asString()).isEqualTo("UP");
        assertThat(health.at("/components/pgpure/details")).isNotEmpty();
    }

    @Test
    void metricsShowThePool() {
        JsonNode active = get("/actuator/metrics/pgpure.connections.active");
        assertThat(active.at("/measurements/0/value").isNumber()).isTrue();
        String scrape = client.get()
                .uri("/actuator/prometheus")
                .exchange()
                .expectStatus()
                .isOk()
                .returnResult(String.class)
                .getResponseBody();
        assertThat(scrape).contains("pgpure_connections_active").contains("pgpure_connections_max");
    }

    interface Request {
        RestTestClient.ResponseSpec send(int client);
    }

    /** Sends requests at the same moment, each from a thread of its own; their status codes. */
    private static List<Integer> together(int clients, Request request) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(clients);
        try {
            CyclicBarrier start = new CyclicBarrier(clients);
            List<Future<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int client = i;
                futures.add(executor.submit(() -> {
                    start.await();
                    return request.send(client)
                            .returnResult(String.class)
                            .getStatus()
                            .value();
                }));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> future : futures) {
                statuses.add(future.get(60, SECONDS));
            }
            return statuses;
        } finally {
            executor.shutdownNow();
        }
    }

    private RestTestClient.ResponseSpec post(String show, String body) {
        return client.post()
                .uri("/api/shows/" + show + "/reservations")
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange();
    }

    private JsonNode get(String path) {
        RestTestClient.ResponseSpec response = client.get().uri(path).exchange();
        response.expectStatus().isOk();
        return body(response);
    }

    private static JsonNode body(RestTestClient.ResponseSpec response) {
        JsonNode body = response.returnResult(JsonNode.class).getResponseBody();
        assertThat(body).isNotNull();
        return body;
    }

    private static JsonNode problem(RestTestClient.ResponseSpec response, HttpStatus status) {
        response.expectStatus().isEqualTo(status);
        response.expectHeader().contentType(MediaType.APPLICATION_PROBLEM_JSON);
        JsonNode problem = body(response);
        assertThat(problem.get("status").asInt()).isEqualTo(status.value());
        assertThat(problem.get("detail").asString()).isNotBlank();
        return problem;
    }

    private JsonNode show(String title) {
        for (JsonNode show : get("/api/shows")) {
            if (show.get("title").asString().equals(title)) {
                return show;
            }
        }
        throw new AssertionError("no show " + title);
    }

    private String id(String title) {
        return show(title).get("id").asString();
    }

    private String status(String show, String seat) {
        for (JsonNode each : get("/api/shows/" + show + "/seats")) {
            if (each.get("seat").asString().equals(seat)) {
                return each.get("status").asString();
            }
        }
        throw new AssertionError("no seat " + seat);
    }
}
