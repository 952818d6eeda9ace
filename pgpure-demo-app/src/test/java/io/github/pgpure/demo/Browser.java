package io.github.pgpure.demo;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium, driven by chromedriver through the <a href="https://www.w3.org/TR/webdriver2/">WebDriver protocol</a>. */
final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** A browser that starts beside much else takes its time. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(90);

    /** Shorter than a call's, so that chromedriver is the one to say what took too long. */
    private static final Duration SCRIPT_LIMIT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final URI base;
    private final List<String> sessions = new ArrayList<>();

    private Browser(Process driver, int port) {
        this.driver = driver;
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    /** Whether this machine has both programs; Debian's are in the packages chromium and chromium-driver. */
    static boolean isInstalled() {
        return chromium().isPresent() && chromedriver().isPresent();
    }

    static Browser start() throws IOException {
        int port = freePort();
        Process driver = new ProcessBuilder(chromedriver().orElseThrow().toString(), "--port=" + port)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Browser browser = new Browser(driver, port);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> browser.call("GET", "/status", null).get("ready").asBoolean());
        return browser;
    }

    /** Opens a page in a window of its own, which shares nothing with the others. */
    Window open(String url, int width, int height) {
        List<String> arguments = List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--window-size=" + width + "," + height);
        Map<String, ?> options = Map.of("binary", chromium().orElseThrow().toString(), "args", arguments);
        Map<String, ?> timeouts = Map.of("script", SCRIPT_LIMIT.toMillis());
        Map<String, ?> wanted = Map.of("alwaysMatch", Map.of("goog:chromeOptions", options, "timeouts", timeouts));
        String session = call("POST", "/session", Map.of("capabilities", wanted))
                .get("sessionId")
                .asString();
        sessions.add(session);
        call("POST", "/session/" + session + "/url", Map.of("url", url));
        return new Window("/session/" + session);
    }

    @Override
    public void close() {
        try {
            sessions.forEach(session -> call("DELETE", "/session/" + session, null));
        } finally {
            driver.destroy();
        }
    }

    final class Window {

        private final String path;

        private Window(String path) {
            this.path = path;
        }

        /** Runs a script's function body and gives what it returns. */
        JsonNode run(String script, Object... arguments) {
            return call("POST", path + "/execute/sync", Map.of("script", script, "args", arguments));
        }

        /** Runs a script that calls its last argument with the result. */
        JsonNode runAsync(String script) {
            return call("POST", path + "/execute/async", Map.of("script", script, "args", List.of()));
        }

        String text(String selector) {
            return run("return document.querySelector(arguments[0]).textContent", selector)
                    .asString();
        }

        void click(String selector) {
            call("POST", path + "/element/" + element(selector) + "/click", Map.of());
        }

        void type(String selector, String keys) {
            call("POST", path + "/element/" + element(selector) + "/value", Map.of("text", keys));
        }

        /** As somebody sees it who prefers this scheme, {@code light} or {@code dark}. */
        void prefer(String colorScheme) {
            Map<String, ?> feature = Map.of("name", "prefers-color-scheme", "value", colorScheme);
            Map<String, ?> parameters = Map.of("features", List.of(feature));
            call("POST", path + "/goog/cdp/execute", Map.of("cmd", "Emulation.setEmulatedMedia", "params", parameters));
        }

        void until(Duration limit, String expression, Object... arguments) {
            await("script " + expression)
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> run("return " + expression, arguments).asBoolean());
        }

        private String element(String selector) {
            JsonNode element = call("POST", path + "/element", Map.of("using", "css selector", "value", selector));
            return element.iterator().next().asString();
        }
    }

    private JsonNode call(String method, String path, Map<String, ?> body) {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(CALL_LIMIT)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode value = JSON.readTree(response.body()).get("value");
            if (response.statusCode() != 200) {
                throw new IllegalStateException("The browser refused " + method + " " + path + ": " + value);
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Optional<Path> chromium() {
        return program("chromium", "chromium-browser", "google-chrome");
    }

    private static Optional<Path> chromedriver() {
        return program("chromedriver");
    }

    private static Optional<Path> program(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
