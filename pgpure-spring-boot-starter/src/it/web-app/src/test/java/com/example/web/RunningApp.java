package com.example.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The application in a Java process of its own. */
final class RunningApp implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    final List<String> output = new CopyOnWriteArrayList<>();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;

    RunningApp(String databaseUrl, List<String> javaArguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaArguments);
        command.add("--server.port=0");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DATABASE_URL", databaseUrl);
        process = builder.start();
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(output::add);
        } catch (IOException | RuntimeException e) {
            output.add("the output ended: " + e);
        }
    }

    /** Waits until it has started for the nth time. */
    void awaitStarted(int times) {
        Awaitility.await()
                .atMost(LIMIT)
                .failFast(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("it has ended: " + String.join("\n", output));
                    }
                })
                .until(() -> output.stream().filter(line -> line.contains("Started WebApp")).count() >= times);
    }

    HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(LIMIT)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String port() {
        String port = "";
        for (String line : output) {
            Matcher matcher = PORT.matcher(line);
            port = matcher.find() ? matcher.group(1) : port;
        }
        return port;
    }

    /** Asks it to end, as an administrator would. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("it did not end: " + String.join("\n", output));
        }
    }
}
