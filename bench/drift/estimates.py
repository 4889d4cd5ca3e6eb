"""Scores held-out periods of two real data sets with small models, and estimates their performance with NannyML.

  python3 -m venv .tmp/nannyml && .tmp/nannyml/bin/pip install nannyml==0.13.1 statsmodels
  .tmp/nannyml/bin/python bench/drift/estimates.py ../shared/data .tmp/estimates

Writes flights.parquet and taxi.parquet (features, predictions and labels; `part` is reference or analysis) and
nannyml.json (estimated and realised metrics of every window of the analysis).
"""
import json
import os
import sys
import warnings
from pathlib import Path

# NannyML reports its use over the network unless told not to.
os.environ['NML_DISABLE_USAGE_LOGGING'] = '1'

import lightgbm
import nannyml
import numpy as np
import pandas as pd

warnings.filterwarnings('ignore')
data, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def flights():
    """Arrivals 15 minutes late or more; trained on January to March, reference April to June, analysis by week after that."""
    rows = pd.read_parquet(data / 'flights_pnw14/flights.parquet').dropna(subset=['arr_delay', 'sched_dep_ts'])
    weather = pd.read_parquet(data / 'flights_pnw14/weather.parquet').drop_duplicates(['origin', 'ts_utc'])
    rows['ts_utc'] = pd.to_datetime(rows['sched_dep_utc']).dt.floor('h')
    rows = rows.merge(weather, on=['origin', 'ts_utc'], how='left')
    rows['ts'] = pd.to_datetime(rows['sched_dep_ts'])
    rows['hour'] = rows['ts'].dt.hour.astype(float)
    rows['weekday'] = rows['ts'].dt.weekday.astype(float)
    rows['late'] = (rows['arr_delay'] >= 15).astype(int)
    numbers = ['hour', 'weekday', 'distance', 'temp', 'humid', 'wind_speed', 'precip', 'visib', 'pressure']
    texts = ['carrier', 'origin', 'dest']
    rows = rows.sort_values('ts', kind='stable').reset_index(drop=True)
    for text in texts:
        rows[text] = rows[text].astype('category')
    train = rows[rows['ts'] < '2014-04-01']
    rest = rows[rows['ts'] >= '2014-04-01'].copy()
    model = lightgbm.LGBMClassifier(n_estimators=150, learning_rate=0.05, num_leaves=15, random_state=1, n_jobs=1, verbose=-1)
    model.fit(train[numbers + texts], train['late'])
    rest['score'] = model.predict_proba(rest[numbers + texts])[:, 1]
    threshold = 0.3
    rest['predicted'] = (rest['score'] >= threshold).astype(int)
    rest['part'] = np.where(rest['ts'] < '2014-07-01', 'reference', 'analysis')
    for text in texts:
        rest[text] = rest[text].astype(str)
    kept = ['ts', *numbers, *texts, 'score', 'predicted', 'late', 'part']
    return rest[kept].reset_index(drop=True)


def taxi():
    """Minutes of taxi rides; trained on January 2021, reference February and March 2021, analysis by week of 2022 to 2024."""
    rows = pd.read_parquet(data / 'nyc_green_taxi/trips.parquet')
    rows['ts'] = pd.to_datetime(rows['lpep_pickup_datetime'])
    rows['minutes'] = (pd.to_datetime(rows['lpep_dropoff_datetime']) - rows['ts']).dt.total_seconds() / 60
    month = rows['ts'].dt.strftime('%Y-%m')
    rows = rows[(rows['minutes'] >= 1) & (rows['minutes'] <= 60) & (month == rows['source_month'])].copy()
    rows['hour'] = rows['ts'].dt.hour.astype(float)
    rows['weekday'] = rows['ts'].dt.weekday.astype(float)
    rows['trip_distance'] = rows['trip_distance'].clip(upper=100)
    for name in ['pu_location_id', 'do_location_id', 'passenger_count', 'ratecode_id']:
        rows[name] = rows[name].astype(float)
    features = ['hour', 'weekday', 'trip_distance', 'pu_location_id', 'do_location_id', 'passenger_count', 'ratecode_id']
    rows = rows.sort_values('ts', kind='stable').reset_index(drop=True)
    train = rows[rows['source_month'] == '2021-01']
    rest = rows[rows['source_month'] > '2021-01'].copy()
    model = lightgbm.LGBMRegressor(n_estimators=150, learning_rate=0.05, num_leaves=15, random_state=1, n_jobs=1, verbose=-1)
    model.fit(train[features], train['minutes'])
    rest['predicted'] = model.predict(rest[features])
    longer = lightgbm.LGBMClassifier(n_estimators=150, learning_rate=0.05, num_leaves=15, random_state=1, n_jobs=1, verbose=-1)
    longer.fit(train[features], (train['minutes'] > 20).astype(int))
    rest['score'] = longer.predict_proba(rest[features])[:, 1]
    rest['predicted_long'] = (rest['score'] >= 0.5).astype(int)
    rest['long'] = (rest['minutes'] > 20).astype(int)
    rest['part'] = np.where(rest['ts'] < '2021-04-01', 'reference', 'analysis')
    kept = ['ts', *features, 'predicted', 'minutes', 'score', 'predicted_long', 'long', 'part']
    return rest[kept].reset_index(drop=True), features


def by_week(estimates, metrics):
    frame = estimates.filter(period='analysis').to_df()
    found = []
    for _, row in frame.iterrows():
        found.append({
            'from': str(pd.Timestamp(row[('chunk', 'start_date')]).date()),
            **{metric: {key: float(row[(metric, key)]) for key in ['value', 'lower_confidence_boundary', 'upper_confidence_boundary', 'realized'] if (metric, key) in frame.columns}
               for metric in metrics},
        })
    return found


result = {'nannyml': nannyml.__version__}

late = flights()
late.to_parquet(out / 'flights.parquet', index=False)
metrics = ['roc_auc', 'f1', 'precision', 'recall', 'accuracy']


def classifier(rows, predicted, label):
    cbpe = nannyml.CBPE(
        problem_type='classification_binary', y_pred_proba='score', y_pred=predicted, y_true=label, timestamp_column_name='ts',
        metrics=metrics, chunk_period='W',
    )
    cbpe.fit(rows[rows['part'] == 'reference'].drop(columns='part'))
    return by_week(cbpe.estimate(rows[rows['part'] == 'analysis'].drop(columns='part')), metrics)


result['flights'] = classifier(late, 'predicted', 'late')

rides, features = taxi()
rides.to_parquet(out / 'taxi.parquet', index=False)
result['long rides'] = classifier(rides[['ts', 'score', 'predicted_long', 'long', 'part']], 'predicted_long', 'long')
dle = nannyml.DLE(
    feature_column_names=features, y_pred='predicted', y_true='minutes', timestamp_column_name='ts', metrics=['mae', 'rmse'],
    chunk_period='W',
)
dle.fit(rides[rides['part'] == 'reference'].drop(columns='part'))
result['taxi'] = by_week(dle.estimate(rides[rides['part'] == 'analysis'].drop(columns='part')), ['mae', 'rmse'])

(out / 'nannyml.json').write_text(json.dumps(result))
print('nannyml', nannyml.__version__, {key: len(value) for key, value in result.items() if isinstance(value, list)})
