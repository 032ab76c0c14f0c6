#!/usr/bin/env python3
"""Makes status_page.png: the status page of a server whose clients begin to send torn digits.

Takes a quarter of an hour, because the page shows minutes. Needs NumPy, Debian's chromium, and ports
18201 and 18211 of this machine.

    docs/pictures/status_page.py build/release/bin
"""
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import numpy as np

HEALTHY_SECONDS = 720
TORN_SECONDS = 190
GRPC = '127.0.0.1:18211'
HTTP = '127.0.0.1:18201'
MODELS = pathlib.Path(__file__).resolve().parents[2] / 'deploy/models'
SHOWN = 'digits-sigmoid'


def torn(pixels):
    """The same as torn() of deploy/models/train.py, which can only be imported with PyTorch."""
    return np.concatenate([pixels[:, :32], np.roll(pixels, -1, axis=0)[:, 32:]], axis=1)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    client = programs / 'mlp-client'
    with tempfile.TemporaryDirectory() as work, contextlib.ExitStack() as stack:
        work = pathlib.Path(work)
        training = MODELS / 'training/pixels.npy'
        shutil.copytree(MODELS / 'repository' / SHOWN, work / 'models' / SHOWN)
        subprocess.run([client, 'calibrate', work / 'models' / SHOWN / '1/model.onnx', '--input', training],
                       check=True)

        pixels = np.concatenate([np.load(training), np.load(MODELS / 'held_out/pixels.npy')])
        pixels = np.random.default_rng(1).permutation(pixels.reshape(-1, 64).astype(np.float32))
        np.save(work / 'intact.npy', pixels)
        np.save(work / 'torn.npy', torn(pixels))

        server = stack.enter_context(subprocess.Popen(
            [programs / 'mlp-server', '--model-repository', work / 'models', '--grpc-address', GRPC,
             '--http-address', HTTP, '--saturation-window', '1000']))
        stack.callback(server.terminate)
        ask = [client, '--address', GRPC]
        subprocess.run([*ask, 'health', '--wait', '30'], check=True)
        bench = [*ask, 'bench', SHOWN, '--rate', '40', '--rows', '16', '--input']
        subprocess.run([*bench, work / 'intact.npy', '--duration', str(HEALTHY_SECONDS)], check=True)
        torn_clients = stack.enter_context(subprocess.Popen(
            [*bench, work / 'torn.npy', '--duration', '3600'], stdout=subprocess.DEVNULL))
        stack.callback(torn_clients.terminate)
        time.sleep(TORN_SECONDS)
        page = ''
        # The server computes the shapes of layers only while somebody reads them.
        while 'Pre-activations of hidden_1' not in page:
            time.sleep(5)
            with urllib.request.urlopen(f'http://{HTTP}/models/{SHOWN}?refresh=0') as answer:
                page = answer.read().decode()
        # Unfolds the figures of hidden_1, which follows the inputs.
        (work / 'page.html').write_text(
            page.replace('<details id="more-1">', '<details id="more-1" open>'))
        subprocess.run(
            ['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
             f'--user-data-dir={work}/chromium', '--window-size=1180,1120',
             f'--screenshot={pathlib.Path(__file__).resolve().with_suffix(".png")}',
             f'file://{work}/page.html'], check=True)


if __name__ == '__main__':
    main()
