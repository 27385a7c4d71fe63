# Compares windows.R with the PerformanceAnalytics package, in every window the package can compute.
# Nothing else here needs the package, and without it this does nothing.

if (!suppressPackageStartupMessages(require("PerformanceAnalytics", quietly = TRUE, warn.conflicts = FALSE))) {
  cat("R against PerformanceAnalytics: skipped, the package is not installed\n")
  quit(save = "no")
}
source("windows.R")

daily <- function(x, days) xts(x, order.by = days)

package_metrics <- function(series, window, as_of, rf, a) {
  rows <- series[series$day >= window_start(window, as_of) & series$day <= as_of, ]
  returns <- rows[!is.na(rows$r), ]
  if (nrow(returns) < 2) return(list())
  r <- daily(returns$r, returns$day)
  m <- list(
    CUMULATIVE_RETURN = Return.cumulative(r),
    RETURN_STANDARD_DEVIATION = StdDev(r),
    VOLATILITY = StdDev.annualized(r, scale = a),
    SHARPE_RATIO = SharpeRatio.annualized(r, Rf = rf, scale = a, geometric = FALSE),
    DOWNSIDE_DEVIATION = DownsideDeviation(r, MAR = rf, method = "full") * sqrt(a),
    SORTINO_RATIO = SortinoRatio(r, MAR = rf) * sqrt(a),
    MAX_DRAWDOWN = maxDrawdown(r, invert = FALSE),
    CURRENT_DRAWDOWN = tail(Drawdowns(r), 1),
    CALMAR_RATIO = CalmarRatio(r, scale = a)
  )
  pairs <- returns[!is.na(returns$b), ] # complete pairs: across gaps the package would carry the benchmark forward
  if (!window %in% WITH_BENCHMARK || nrow(pairs) < 2) return(m)
  r <- daily(pairs$r, pairs$day)
  b <- daily(pairs$b, pairs$day)
  c(m, list(
    BETA = CAPM.beta(r, b, Rf = rf),
    ALPHA = a * CAPM.alpha(r, b, Rf = rf),
    TRACKING_ERROR = TrackingError(r, b, scale = a),
    INFORMATION_RATIO = InformationRatio(r, b, scale = a, geometric = FALSE)
  ))
}

compared <- 0
largest <- 0
where <- "none"
as_of_days <- read.csv("as-of-days.csv", colClasses = c("character", "Date", "character", "character"))
for (i in seq_len(nrow(as_of_days))) {
  case <- as_of_days$case[i]
  as_of <- as_of_days$as_of[i]
  rf <- as.numeric(as_of_days$risk_free_daily[i])
  a <- as.numeric(as_of_days$periods_per_year[i])
  # The package subtracts the rate from every return first, which costs returns of 1e-8 their last four digits.
  if (case == "tiny" && rf > 0) next
  if (i == 1 || case != as_of_days$case[i - 1]) series <- read_series(case)
  for (window in WINDOWS) {
    expected <- result(series, window, as_of, rf, a)
    if (is.null(expected)) next
    package <- package_metrics(series, window, as_of, rf, a)
    for (metric in names(package)) {
      b <- expected[[metric]]
      if (is.na(b)) next # where we have null the package gives NaN, infinity or the residue of rounding
      # As check.py: a rounding of the growth is divided by the drawdown.
      fall <- -expected$MAX_DRAWDOWN
      terms <- if (metric == "CALMAR_RATIO") max(1, 5 * (1 + b * fall + abs(b)) / fall) else 1
      used <- abs(as.numeric(package[[metric]]) - b) / (1e-12 * abs(b) + 1e-14 * terms)
      compared <- compared + 1
      if (is.na(used) || used > largest) {
        largest <- used
        where <- paste(case, window, format(as_of), rf, metric)
        if (is.na(used)) break
      }
    }
  }
}
cat(sprintf("R against PerformanceAnalytics %s: %d values\n", packageVersion("PerformanceAnalytics"), compared))
cat(sprintf("  largest share of the tolerance used  %.2g at %s\n", largest, where))
if (is.na(largest) || largest > 1) quit(save = "no", status = 1)
