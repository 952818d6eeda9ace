package io.github.pgpure.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The page in two real browsers: one as wide as a desk, one as narrow as a phone. */
@Timeout(240)
@EnabledIf(value = "browserIsInstalled", disabledReason = "needs chromium and chromedriver on the PATH")
class BoxOfficeBrowserIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** The page's report works for 30 s: what ends later has not been cancelled. */
    private static final Duration LONG_BEFORE_THE_REPORT_IS_DONE = Duration.ofSeconds(15);

    private static RunningBoxOffice app;

    private Browser browser;
    private Browser.Window desk;
    private Browser.Window phone;

    static boolean browserIsInstalled() {
        return Browser.isInstalled();
    }

    @BeforeAll
    static void start() {
        app = RunningBoxOffice.start("box_office_browser_it");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @BeforeEach
    void open() throws IOException {
        browser = Browser.start();
        desk = browser.open(app.url() + "/", 1200, 1000);
        phone = browser.open(app.url() + "/", 500, 1000);
        for (Browser.Window window : new Browser.Window[] {desk, phone}) {
            window.until(SOON, "document.querySelectorAll('.seat').length === 48");
            window.until(SOON, "document.getElementById('live').dataset.state === 'live'");
        }
    }

    @AfterEach
    void close() {
        browser.close();
    }

    @Test
    void oneReservesAndTheOtherSeesIt() {
        desk.click(seat("A1"));
        desk.type("#customer", "Ada");
        phone.click(seat("A1"));
        phone.click(seat("A2"));
        desk.click("#reserve-button");
        phone.until(SOON, "document.querySelector(arguments[0]).ariaDisabled === 'true'", seat("A1"));
        assertThat(phone.text("#message")).isEqualTo("A1 has just been taken by somebody else.");
        assertThat(phone.text("#reserve-button")).startsWith("Reserve 1 seat");
        desk.until(SOON, "document.getElementById('message').textContent.startsWith('A1 reserved')");
    }

    @Test
    void aConflictIsShownKindlyAndKeepsTheOtherSeats() {
        phone.click(seat("B1"));
        phone.click(seat("B2"));
        phone.type("#customer", "Grace");
        // Somebody else is faster by the moment between this page's request and the server.
        phone.run("""
                const send = window.fetch;
                let first = true;
                window.fetch = async (url, options) => {
                  if (first && options?.method === "POST") {
                    first = false;
                    await send(url, {...options, body: JSON.stringify({customer: "Eve", seats: ["B1"]})});
                  }
                  return send(url, options);
                };""");
        phone.click("#reserve-button");
        phone.until(SOON, "document.getElementById('message').textContent.startsWith('Sorry, B1 went')");
        // Together with the message, not only when the seats have been asked for again.
        assertThat(phone.text("#reserve-button")).startsWith("Reserve 1 seat");
        assertThat(phone.run("return document.getElementById('reserve-button').disabled")
                        .asBoolean())
                .isFalse();
        phone.click("#reserve-button");
        phone.until(SOON, "document.getElementById('message').textContent.startsWith('B2 reserved')");
    }

    @Test
    void theKeyboardIsEnough() {
        desk.run("document.querySelector('.seat[tabindex=\"0\"]').focus()");
        String right = "\ue014";
        String down = "\ue015";
        desk.type(":focus", right + right + down + " ");
        assertThat(desk.run("return document.activeElement.dataset.seat").asString())
                .isEqualTo("B3");
        assertThat(desk.run("return document.activeElement.ariaPressed").asString())
                .isEqualTo("true");
    }

    @Test
    void aReportIsCancelledByItsButton() {
        desk.click("#report-start");
        desk.until(SOON, "document.getElementById('report-state').textContent === 'Running; backends at work: 1.'");
        desk.click("#report-cancel");
        desk.until(
                LONG_BEFORE_THE_REPORT_IS_DONE,
                "document.getElementById('report-state').textContent === 'Cancelled; no backend works on it.'");
        assertThat(app.backendsRunning("%pg_sleep%")).isZero();
    }

    @Test
    void anUploadedPriceListShowsInBothBrowsers(@TempDir Path directory) throws IOException {
        Path csv = Files.writeString(directory.resolve("prices.csv"), "seat,price\nD1,77.50\n");
        desk.type("#prices", csv.toString());
        desk.until(SOON, "document.getElementById('prices-state').textContent === '1 price changed.'");
        phone.until(SOON, "document.querySelector(arguments[0]).title.includes('77.50')", seat("D1"));
        assertThat(desk.run("return document.getElementById('prices-progress').value")
                        .asInt())
                .isEqualTo(1);

        Files.writeString(csv, "seat,price\nD1,cheap\n");
        desk.type("#prices", csv.toString());
        desk.until(SOON, "document.getElementById('prices-state').textContent.includes('line 2')");
    }

    @Test
    void thePoolIsShown() {
        desk.until(SOON, "/^[0-9]+$/.test(document.getElementById('idle').textContent)");
    }

    @Test
    void theSliderMakesClientsThatThePanelShows() {
        String right = "\ue014";
        String left = "\ue012";
        desk.type("#load", right);
        desk.until(
                SOON,
                "/^5 clients .* [1-9][0-9]* reservations/.test(document.getElementById('load-score').textContent)");
        desk.until(SOON, "document.getElementById('plot-line').points.length > 1");
        desk.type("#load", left);
        desk.until(SOON, "/^0 clients/.test(document.getElementById('load-score').textContent)");
    }

    @Test
    void axeFindsNothing() throws IOException {
        try (InputStream axe = getClass().getResourceAsStream("/axe.min.js")) {
            String script = new String(axe.readAllBytes(), StandardCharsets.UTF_8);
            for (Browser.Window window : new Browser.Window[] {desk, phone}) {
                window.click(seat("C1"));
                // A colour on its way to another one is none of either scheme.
                window.run("document.styleSheets[0].insertRule('* { transition: none !important; }', 0)");
                window.run(script);
                for (String colorScheme : new String[] {"light", "dark"}) {
                    window.prefer(colorScheme);
                    assertThat(window.run("return matchMedia('(prefers-color-scheme: dark)').matches")
                                    .asBoolean())
                            .isEqualTo(colorScheme.equals("dark"));
                    assertThat(window.runAsync("""
                                    const done = arguments[arguments.length - 1];
                                    axe.run().then(found => done(found.violations.map(each => each.impact + ": " + each.help)))""")).as(colorScheme).isEmpty();
                }
            }
        }
    }

    @Test
    void nothingIsWiderThanAPhone() {
        assertThat(phone.run("return document.documentElement.scrollWidth <= window.innerWidth")
                        .asBoolean())
                .isTrue();
    }

    private static String seat(String name) {
        return ".seat[data-seat='" + name + "']";
    }
}
